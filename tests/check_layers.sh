#!/usr/bin/env bash
# A stage includes only what stands left of it in the flow; the program sees public headers only;
# each outside library has one home. Prints every breach and exits 1.
set -u
cd "$(dirname "$0")/.." || exit 1
stages=(base num store simulate ingest features resample model rank report)
bad=0
breach() { echo "layers: $*"; bad=1; }

for ((i = 0; i < ${#stages[@]}; i++)); do
    allowed=" ${stages[*]:0:i+1} coxswain "
    [ "${stages[i]}" = num ] && allowed=" num coxswain "
    while IFS=: read -r file line text; do
        folder=$(sed -E 's/^#include "([^"\/]+)\/.*/\1/' <<<"$text")
        case "$allowed" in *" $folder "*) ;; *) breach "$file:$line: ${stages[i]} includes $folder" ;; esac
    done < <(grep -nE '^#include "' "src/${stages[i]}"/*.[ch] /dev/null 2>/dev/null)
done
while IFS=: read -r file line text; do
    breach "$file:$line: the program includes a private header: $text"
done < <(grep -nE '^#include "' src/cli/*.[ch] /dev/null | grep -vE '"(coxswain|cli)/')

# outside library -> the only files that may include it
home() { # pattern, allowed files (regex)
    while IFS=: read -r file line text; do
        [[ "$file" =~ ^($2)$ ]] || breach "$file:$line: $text belongs in $2"
    done < <(grep -nE "^#include <($1)" -r src include --include='*.[ch]')
}
home 'cblas|lapack|openblas' 'src/num/blas\.[ch]'
home 'gsl/' 'src/num/special\.c'
home 'sqlite3' 'src/store/db(_private|_statement)?\.[ch]'
home 'zstd|zlib' 'src/base/(source|pack)\.c'
home 'openssl' 'src/base/digest\.c'
home 'jansson' 'src/base/record\.c'
home 'Random123' 'src/base/stream\.c'
home 'libfyaml' 'src/ingest/yaml\.c'
home 'cairo' 'src/report/canvas\.[ch]'
home 'xxhash' 'src/base/pack\.c'
home 'htslib' 'src/(ingest|simulate)/hts_.*\.[ch]'
[ "$bad" = 0 ] && echo "layers: ok"
exit "$bad"
