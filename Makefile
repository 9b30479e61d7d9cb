# coxswain -- GNU make, no configure step
#
#   make                 library (static and shared) and program into build/
#   make demo            install what is missing, build, simulate, run, show the ranking
#   make check           install what is missing, build, run every test
#   make check asan=1    the same under address + undefined-behaviour sanitizers
#   make lint            clang-format in check mode, cppcheck; no finding allowed
#   make install         program, library, headers, coxswain.pc, reference tables
#   make clean
#
# Overrides: CC, CFLAGS, PREFIX, DESTDIR, build=DIR.

VERSION := 0.1.0
CC      ?= cc
CFLAGS  ?= -O2 -g
build   ?= build
PREFIX  ?= /usr/local

WARN = -std=c11 -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wstrict-prototypes \
       -Wmissing-prototypes -Wdouble-promotion -Wvla -Wundef -Wcast-qual \
       -Wwrite-strings -Wformat=2
# Two runs on one machine must give the same bytes: no -ffast-math, no -march=native,
# no contraction into fused multiply-add.
FP   = -ffp-contract=off
ifneq ($(asan),)
build := $(build)/asan
CFLAGS = -O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all
endif

PACKAGES = openblas gsl libzstd zlib libcrypto jansson sqlite3 libfyaml cairo
PKG_CFLAGS := $(shell pkg-config --cflags $(PACKAGES) 2>/dev/null | sed 's/-I\//-isystem \//g')
PKG_LIBS   := $(shell pkg-config --libs $(PACKAGES) 2>/dev/null)
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
PROG   = $(build)/coxswain
TESTS  = $(TEST_C:tests/%.c=$(build)/%)
OBJ    = $(patsubst %.c,$(build)/%.o,$(LIB_C) $(CLI_C) $(TEST_C))

.PHONY: all demo check layers lint install clean unit
.SECONDARY:
.DELETE_ON_ERROR:
all: $(PROG)

$(build)/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -c $< -o $@
$(LIB): $(patsubst %.c,$(build)/%.o,$(LIB_C))
	@rm -f $@
	$(AR) rcs $@ $^
$(PROG): $(patsubst %.c,$(build)/%.o,$(CLI_C)) $(LIB)
	$(CC) $(CFLAGS) $(LDFLAGS) $^ $(LIBS) -o $@
$(build)/test_%: $(build)/tests/test_%.o $(LIB)
	$(CC) $(CFLAGS) $(LDFLAGS) $^ -lcmocka $(LIBS) -o $@

unit: $(TESTS)
	@for t in $(TESTS); do echo "== $${t##*/}"; $$t || exit 1; done
layers:
	tests/check_layers.sh
lint:
	clang-format --dry-run -Werror $(wildcard include/coxswain/*.h src/*/*.[ch] tests/*.[ch])
	cppcheck --quiet --error-exitcode=1 --enable=warning,portability -Iinclude -Isrc src
clean:
	rm -rf $(build)

-include $(OBJ:.o=.d)
