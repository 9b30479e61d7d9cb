# coxswain -- GNU make, no configure step
#
#   make                 library (static and shared) and program into build/
#   make demo            install what is missing, build, simulate, run, show the ranking
#   make check           install what is missing, build, run every test
#   make check asan=1    only the part under address + undefined-behaviour sanitizers
#   make unit            unit tests alone; unit asan=1 under the sanitizers
#   make bench           times beside R's glmnet and survival, some minutes; long=1 for
#                        all of it; see tests/bench/README.md
#   make check-null      share of p-values below 5 % where nothing is there
#   make bench-quick     the same comparisons on small designs, correctness alone
#   make fuzz            readers of files against libFuzzer, 60 s each; seconds=N,
#                        only=NAME
#   make catalogue       src/features/CATALOGUE.md from the table of feature families
#   make lint            clang-format in check mode, cppcheck; no finding allowed
#   make install         program, libraries, headers, coxswain.pc, reference tables
#   make uninstall       takes the same files away
#   make clean
#
# Overrides: CC, CXX, CFLAGS, PREFIX, DESTDIR, PKG_CONFIG, build=DIR.

VERSION := 0.1.0
CC      ?= cc
CFLAGS  ?= -O2 -g
build   ?= build
PREFIX  ?= /usr/local
PKG_CONFIG ?= pkg-config

WARN = -std=c11 -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wstrict-prototypes \
       -Wmissing-prototypes -Wdouble-promotion -Wvla -Wundef -Wcast-qual \
       -Wwrite-strings -Wformat=2
# Two runs on one machine must give the same bytes: no -ffast-math, no -march=native,
# no contraction into fused multiply-add.
FP   = -ffp-contract=off
plain_build := $(build)
ifneq ($(asan),)
override build := $(plain_build)/asan
CFLAGS = -O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all
endif

PACKAGES = openblas gsl libzstd zlib libcrypto jansson sqlite3 libfyaml cairo htslib
HAVE_PC := $(shell command -v $(PKG_CONFIG) 2>/dev/null)
ifneq ($(HAVE_PC),)
PKG_CFLAGS := $(shell $(PKG_CONFIG) --cflags $(PACKAGES) 2>/dev/null | sed 's/-I\//-isystem \//g')
PKG_LIBS   := $(shell $(PKG_CONFIG) --libs $(PACKAGES) 2>/dev/null)
LIBS_FOUND := $(shell $(PKG_CONFIG) --exists $(PACKAGES) 2>/dev/null && echo yes)
else
# Where Debian and most others put them.
PKG_CFLAGS := -isystem /usr/include/cairo
PKG_LIBS   := -lopenblas -lgsl -lzstd -lz -lcrypto -ljansson -lsqlite3 -lfyaml -lcairo -lhts
LIBS_FOUND := yes
endif
LIBS       = $(PKG_LIBS) -lpthread -lm

ALL_CFLAGS = $(WARN) $(FP) $(CFLAGS) -fPIC -D_POSIX_C_SOURCE=200809L \
             -DCXS_VERSION='"$(VERSION)"' -DCXS_PREFIX='"$(PREFIX)"' \
             -Iinclude -Isrc $(PKG_CFLAGS) -MMD -MP

# Stages in the order of the data flow; tests/check_layers.sh enforces it.
STAGES = base num store simulate ingest features resample model rank report
LIB_C  = $(foreach s,$(STAGES),$(wildcard src/$(s)/*.c))
CLI_C  = $(wildcard src/cli/*.c)
TEST_C = $(wildcard tests/test_*.c)

LIB    = $(build)/libcoxswain.a
SONAME = libcoxswain.so.0
SHLIB  = $(build)/libcoxswain.so.$(VERSION)
PROG   = $(build)/coxswain
BENCH_C = $(wildcard tests/bench/*.c)
BENCH  = $(BENCH_C:tests/bench/%.c=$(build)/bench_%)
FUZZ_C = $(wildcard tests/fuzz/fuzz_*.c)
FUZZ   = $(FUZZ_C:tests/fuzz/%.c=$(build)/%)
TESTS  = $(TEST_C:tests/%.c=$(build)/%)
LIB_O  = $(patsubst %.c,$(build)/%.o,$(LIB_C))
CLI_O  = $(patsubst %.c,$(build)/%.o,$(CLI_C))
OBJ    = $(LIB_O) $(CLI_O) $(patsubst %.c,$(build)/%.o,$(TEST_C) $(BENCH_C) $(FUZZ_C) tests/fuzz/driver.c)

.PHONY: catalogue fuzz fuzz-targets all demo check check-asan layers lint install uninstall clean unit tests toolchain bench bench-quick check-null
.SECONDARY:
.DELETE_ON_ERROR:
all: $(PROG) $(SHLIB)

# One line instead of a screen of missing headers.
toolchain:
ifeq ($(HAVE_PC),)
	@[ -z "$$(tests/need.sh list build | grep -vx pkgconf)" ] || tests/need.sh say build
	@echo "coxswain: $(PKG_CONFIG) is missing: taking headers and libraries from the default paths" >&2
endif
ifeq ($(LIBS_FOUND),)
	@tests/need.sh say build
endif

# The reference tables are looked for below PREFIX: another PREFIX, another object.
PREFIX_O = $(patsubst %.c,$(build)/%.o,$(shell grep -l CXS_PREFIX /dev/null $(LIB_C)))
$(PREFIX_O): $(build)/prefix
ifneq ($(file <$(build)/prefix),$(PREFIX))
.PHONY: $(build)/prefix
endif
$(build)/prefix:
	@mkdir -p $(@D)
	@echo '$(PREFIX)' > $@

$(build)/%.o: %.c | toolchain
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -c $< -o $@
$(LIB): $(LIB_O)
	@rm -f $@
	$(AR) rcs $@ $^
$(SHLIB): $(LIB_O)
	$(CC) $(CFLAGS) $(LDFLAGS) -shared -Wl,-soname,$(SONAME) -Wl,--as-needed $^ $(LIBS) -o $@
	@ln -sf $(@F) $(build)/$(SONAME)
	@ln -sf $(SONAME) $(build)/libcoxswain.so
$(PROG): $(CLI_O) $(LIB)
	$(CC) $(CFLAGS) $(LDFLAGS) $^ $(LIBS) -o $@
$(build)/test_%: $(build)/tests/test_%.o $(LIB)
	$(CC) $(CFLAGS) $(LDFLAGS) $^ -lcmocka $(LIBS) -o $@
# libFuzzer brings its own main(), given as FUZZER=-fsanitize=fuzzer.
$(build)/fuzz_%: $(build)/tests/fuzz/fuzz_%.o $(if $(FUZZER),,$(build)/tests/fuzz/driver.o) $(LIB)
	$(CC) $(CFLAGS) $(FUZZER) $(LDFLAGS) $^ $(LIBS) -o $@
$(build)/bench_%: $(build)/tests/bench/%.o $(LIB)
	$(CC) $(CFLAGS) $(LDFLAGS) $^ $(LIBS) -o $@

# The packages come first and make starts anew, because it looks for the libraries when
# it reads this file.
JOBS := $(shell nproc 2>/dev/null || echo 1)
AGAIN = $(MAKE) --no-print-directory -j$(JOBS)
demo:
	@tests/need.sh install build
	@echo "building the library and the program"
	@started=$$(date +%s); $(AGAIN) -s all && \
	    echo "build     $$(($$(date +%s) - started)) s"
	@pipelines/demo.sh $(PROG)
CHECK = CC='$(CC)' CXX='$(CXX)' MAKE='$(MAKE)' build='$(plain_build)' tests/check.sh
check:
	@tests/need.sh install build check
	@$(CHECK) $(if $(asan),asan)
check-asan:
	@$(CHECK) asan

tests: $(TESTS) $(FUZZ)
fuzz-targets: $(FUZZ)
# Each target for `seconds`; without clang only the corpus.
seconds ?= 60
fuzz:
	@MAKE='$(MAKE)' build='$(plain_build)' seconds='$(seconds)' tests/fuzz/run.sh $(only)
unit: $(TESTS)
	@for t in $(TESTS); do echo "== $${t##*/}"; $$t || exit 1; done
bench: $(PROG) $(BENCH)
	@build='$(build)' tests/bench/run.sh $(if $(long),long) $(only)
bench-quick: $(PROG) $(BENCH)
	@build='$(build)' tests/bench/quick.sh
check-null: $(build)/bench_null
	@$<
layers:
	tests/check_layers.sh
lint:
	clang-format --dry-run -Werror $(wildcard include/coxswain/*.h src/*/*.[ch] tests/*.[ch] tests/bench/*.c tests/fuzz/*.[ch])
	cppcheck --quiet --error-exitcode=1 --enable=warning,portability -Iinclude -Isrc src

DEST   = $(DESTDIR)$(PREFIX)
SHARE  = $(DEST)/share/coxswain
HEADER = $(notdir $(wildcard include/coxswain/*.h))
# The text for readers; tests/test_catalogue_members.c compares.
catalogue: all
	$(build)/coxswain features --list --markdown > src/features/CATALOGUE.md

install: all
	install -d $(DEST)/bin $(DEST)/lib/pkgconfig $(DEST)/include/coxswain $(SHARE)/refdata
	install -m 755 $(PROG) $(DEST)/bin/coxswain
	install -m 644 $(LIB) $(SHLIB) $(DEST)/lib/
	ln -sf $(notdir $(SHLIB)) $(DEST)/lib/$(SONAME)
	ln -sf $(SONAME) $(DEST)/lib/libcoxswain.so
	install -m 644 $(addprefix include/coxswain/,$(HEADER)) $(DEST)/include/coxswain/
	sed -e 's|@PREFIX@|$(PREFIX)|' -e 's|@VERSION@|$(VERSION)|' \
	    -e 's|@LIBS@|$(strip $(LIBS))|' src/coxswain.pc.in > $(DEST)/lib/pkgconfig/coxswain.pc
	chmod 644 $(DEST)/lib/pkgconfig/coxswain.pc
	for f in refdata/*; do [ ! -f "$$f" ] || install -m 644 "$$f" $(SHARE)/refdata/; done
uninstall:
	rm -f $(DEST)/bin/coxswain $(addprefix $(DEST)/lib/,libcoxswain.a libcoxswain.so \
	    $(SONAME) $(notdir $(SHLIB)) pkgconfig/coxswain.pc)
	rm -rf $(DEST)/include/coxswain $(SHARE)
clean:
	rm -rf $(build)

-include $(OBJ:.o=.d)
