# make install: a program outside the tree builds and runs against what is installed.
setup_file() {
    cd "$BATS_TEST_DIRNAME/../.."
    export prefix="$BATS_FILE_TMPDIR/prefix" top=$PWD
    export build=${build:-build} CC=${CC:-cc} CXX=${CXX:-g++} MAKE=${MAKE:-make}
    # A copy, because another PREFIX is another program.
    cp -a "$build" "$BATS_FILE_TMPDIR/build"
    export build="$BATS_FILE_TMPDIR/build"
    "$MAKE" -s install PREFIX="$prefix"
}

setup() {
    cd "$BATS_TEST_TMPDIR"
    cat >use.c <<'C'
/* Simulate a study, read it, fit the covariates: public headers alone. */
#include <coxswain/coxswain.h>
#include <stdio.h>

int main(void)
{
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_simulate_settings s = cxs_simulate_defaults();
    cxs_study *study = NULL;
    cxs_surv *surv = NULL;
    cxs_cox_fit *fit = NULL;
    cxs_rc rc;
    s.n = 50, s.p = 40, s.k = 2, s.block = 10;
    if ((rc = cxs_simulate_study(ctx, &s, "study")) != CXS_OK ||
        (rc = cxs_ingest(ctx, "study", NULL, "study.cxs")) != CXS_OK ||
        (rc = cxs_study_open(ctx, "study.cxs", &study)) != CXS_OK ||
        (rc = cxs_study_surv(ctx, study, 1, &surv)) != CXS_OK ||
        (rc = cxs_cox_fit_new(ctx, surv, NULL, &fit)) != CXS_OK)
        fprintf(stderr, "%s\n", cxs_ctx_message(ctx));
    else
        printf("%s: %u patients\n", cxs_version(), (unsigned)cxs_surv_n(surv));
    cxs_cox_fit_free(fit);
    cxs_surv_free(surv);
    cxs_study_close(study);
    cxs_ctx_free(ctx);
    return cxs_rc_exit_status(rc);
}
C
    export PKG_CONFIG_PATH="$prefix/lib/pkgconfig"
}

need_pkg_config() {
    command -v pkg-config >/dev/null || skip "pkg-config is not installed"
}

@test "a second install with the same PREFIX compiles nothing" {
    cd "$top"
    run "$MAKE" -n install PREFIX="$prefix"
    [ "$status" = 0 ]
    [[ "$output" != *" -c "* ]]
}

@test "the installed program runs" {
    run "$prefix/bin/coxswain" --version
    [ "$status" = 0 ]
    grep -q "^Version: $output$" "$prefix/lib/pkgconfig/coxswain.pc"
}

@test "a C program against the shared library, by pkg-config" {
    need_pkg_config
    $CC -std=c11 -Wall -Werror use.c $(pkg-config --cflags --libs coxswain) -o use
    LD_LIBRARY_PATH="$prefix/lib" run ./use
    [ "$status" = 0 ]
    [[ "$output" == *": 50 patients" ]]
}

@test "the shared library has its soname and shows names with cxs_ only" {
    command -v readelf >/dev/null || skip "readelf is not installed"
    readelf -d "$prefix/lib/libcoxswain.so" | grep -q 'SONAME.*\[libcoxswain.so.0\]'
    [ "$(readlink "$prefix/lib/libcoxswain.so")" = libcoxswain.so.0 ]
    run bash -c "nm -D --defined-only '$prefix/lib/libcoxswain.so' | grep -v ' cxs_'"
    [ -z "$output" ]
}

@test "a C program against the static library, by pkg-config --static" {
    need_pkg_config
    $CC -std=c11 use.c $(pkg-config --cflags coxswain) "$prefix/lib/libcoxswain.a" \
        $(pkg-config --static --libs coxswain | sed 's/-lcoxswain//') -o use
    run ./use
    [ "$status" = 0 ]
    [[ "$output" == *": 50 patients" ]]
}

@test "a C++ program against the shared library" {
    need_pkg_config
    command -v "$CXX" >/dev/null || skip "no C++ compiler"
    cp use.c use.cpp
    $CXX -std=c++11 -Wall -Werror use.cpp $(pkg-config --cflags --libs coxswain) -o use
    LD_LIBRARY_PATH="$prefix/lib" run ./use
    [ "$status" = 0 ]
    [[ "$output" == *": 50 patients" ]]
}

@test "each public header stands alone in C and in C++" {
    for header in "$prefix"/include/coxswain/*.h; do
        echo "#include \"coxswain/${header##*/}\"" >alone.c
        cp alone.c alone.cpp
        $CC -std=c11 -Wall -Wextra -Wpedantic -Werror -I"$prefix/include" \
            -fsyntax-only alone.c
        command -v "$CXX" >/dev/null || continue
        $CXX -std=c++11 -Wall -Wextra -Wpedantic -Werror -I"$prefix/include" \
            -fsyntax-only alone.cpp
    done
}

@test "every function of a public header is in the shared library" {
    cat "$prefix"/include/coxswain/*.h | $CC -fpreprocessed -dD -E -P - 2>/dev/null |
        grep -vE '^ *#' | grep -oE '\bcxs_[a-z0-9_]+ *\(' | tr -d ' (' | sort -u |
        grep -vxE 'cxs_log_fn' >wanted
    nm -D --defined-only "$prefix/lib/libcoxswain.so" | awk '{ print $3 }' | sort -u >there
    [ "$(wc -l <wanted)" -gt 50 ]
    run comm -23 wanted there
    [ -z "$output" ]
}

@test "DESTDIR is put before PREFIX, uninstall takes everything away" {
    cd "$top"
    "$MAKE" -s install DESTDIR="$BATS_TEST_TMPDIR/stage" PREFIX=/opt/c
    [ -x "$BATS_TEST_TMPDIR/stage/opt/c/bin/coxswain" ]
    grep -qx 'prefix=/opt/c' "$BATS_TEST_TMPDIR/stage/opt/c/lib/pkgconfig/coxswain.pc"
    "$MAKE" -s uninstall DESTDIR="$BATS_TEST_TMPDIR/stage" PREFIX=/opt/c
    [ -z "$(find "$BATS_TEST_TMPDIR/stage" ! -type d)" ]
}

@test "make without pkg-config says so in one line and still finds the libraries" {
    cd "$top"
    run "$MAKE" -s PKG_CONFIG=no-such-program build="$build" all
    [ "$status" = 0 ]
    [ "${#lines[@]}" = 1 ]
    [[ "$output" == "coxswain: no-such-program is missing"* ]]
}

@test "make without a library names what is missing in one line" {
    cd "$top"
    run "$MAKE" -s PKG_CONFIG=false build="$BATS_TEST_TMPDIR/b" all
    [ "$status" != 0 ]
    [ "$(grep -c '^coxswain: ' <<<"$output")" = 1 ]
    [[ "$output" != *"fatal error"* ]]
}
