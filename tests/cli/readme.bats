# Every command in README.md does what the text says.
load common

setup() {
    cd "$BATS_TEST_TMPDIR"
    mkdir bin
    ln -s "$cxs" bin/coxswain
    PATH="$PWD/bin:$PATH"
}

# The lines inside ```sh fences.
fenced() {
    awk '/^```sh$/ { on = 1; next } /^```$/ { on = 0 } on' "$top/README.md"
}

@test "the README opens with make demo and make check" {
    [ "$(fenced | head -n 2 | tr '\n' ' ')" = "make demo make check " ]
    for target in demo check install; do
        "${MAKE:-make}" -C "$top" -n "$target" >/dev/null
    done
}

@test "every coxswain command of the README runs" {
    plain_tables
    fenced | grep '^coxswain ' >commands
    [ "$(wc -l <commands)" -ge 10 ]
    while read -r line; do
        # Fewer resamples than the default: the text is tested, not the power.
        case "$line" in
        *" rank "* | *" run "*) line="$line ${quick[*]}" ;;
        esac
        expect 0 bash -c "$line"
    done <commands
    for file in results/report.html results/rank.rank.tsv study.cxs features.cxf \
        report.html os.screen.tsv os.path.tsv os.rank.tsv clinical.coef.tsv; do
        [ -s "$file" ]
    done
}

@test "the exit statuses of the README are those of the header" {
    grep -oE 'X\(CXS_E?[A-Z]+, [0-9]+, [0-9]+' "$top/include/coxswain/error.h" |
        awk -F', ' '{ print $3 }' | sort -un >wanted
    sed -n '/^## Exit status/,/^Errors are/p' "$top/README.md" | grep '^|' |
        cut -d'|' -f2 | grep -oE '[0-9]+' | sort -un >there
    diff wanted there
}

@test "every file format of the README is written" {
    for name in rank screen coef fit basehaz path cv; do
        grep -q "P\.$name\.tsv" "$top/README.md"
        grep -rqF ".$name.tsv" "$top/src"
    done
}

@test "every folder of the sources has its line in src/README.md" {
    for folder in "$top"/src/*/; do
        grep -q "^| \`$(basename "$folder")/\`" "$top/src/README.md"
    done
}
