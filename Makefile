# The front door.  Every goal that needs a configured tree configures it first,
# here and not by an include, so that "make deps run" installs the packages
# before anything looks for them.  What is built, and how, is in auto/build.mk.

BUILDDIR ?= objs
CHECK_BUILDDIR ?= objs-check
VALGRIND_BUILDDIR ?= objs-valgrind

# How configure is called when the build folder does not exist.
CONFIGURE ?=

# As many jobs as there are processors, unless the command line said how many.
JOBS = $(if $(findstring jobserver,$(MAKEFLAGS)),,-j$(shell nproc))
SUBMAKE = $(MAKE) --no-print-directory $(JOBS) -f auto/build.mk
BUILD = $(SUBMAKE) BUILDDIR=$(BUILDDIR)
CHECK = $(SUBMAKE) BUILDDIR=$(CHECK_BUILDDIR)
VALGRIND = $(SUBMAKE) BUILDDIR=$(VALGRIND_BUILDDIR)

# Goals of one command line run one after the other, also with -j.
.NOTPARALLEL:

.PHONY: all module worker deps run check memcheck valgrind bench-deps \
        bench lint install clean dist

all: $(BUILDDIR)/configured
	+@$(BUILD) all

module: $(BUILDDIR)/configured
	+@$(BUILD) module

worker: $(BUILDDIR)/configured
	+@$(BUILD) worker

# Packages by apt; everything that run and check need.
deps:
	@scripts/deps

# In the foreground, until Ctrl-C.  PORT, TLS_PORT, VAR, LIMITS and
# NGINX_PROCESSES come from the environment or the command line.
run: all
	@BUILDDIR=$(BUILDDIR) exec scripts/run

# One sanitised build serves every test.  TESTS narrows: make check TESTS=t/unit.t;
# without it memcheck is a part.
check: $(CHECK_BUILDDIR)/configured
	+@$(CHECK) all tests
	@BUILDDIR=$(CHECK_BUILDDIR) scripts/check $(TESTS)
	@$(if $(TESTS),,BUILDDIR=$(CHECK_BUILDDIR) scripts/memcheck)

# Tests of the edge in an nginx that notices a byte past the end of any piece of
# its memory.  TESTS narrows here, too; there are no fuzzers among them.
memcheck: $(CHECK_BUILDDIR)/configured
	+@$(CHECK) CLANG= all tests
	@BUILDDIR=$(CHECK_BUILDDIR) scripts/memcheck $(TESTS)

# The worker and its unit tests under valgrind, which must be installed.
valgrind: $(VALGRIND_BUILDDIR)/configured
	+@$(VALGRIND) CLANG= all tests
	@BUILDDIR=$(VALGRIND_BUILDDIR) scripts/valgrind $(TESTS)

bench-deps:
	@BUILDDIR=$(BUILDDIR) bench/deps

bench: all
	@BUILDDIR=$(BUILDDIR) bench/run

lint:
	@scripts/lint

install: all
	+@$(BUILD) install

dist:
	@scripts/dist

clean:
	rm -rf $(BUILDDIR) $(CHECK_BUILDDIR) $(VALGRIND_BUILDDIR)

$(BUILDDIR)/configured: configure $(wildcard auto/*)
	@./configure --builddir=$(BUILDDIR) \
	    $(or $(CONFIGURE),$(shell auto/arguments $(BUILDDIR)/config.mk))

$(CHECK_BUILDDIR)/configured: configure $(wildcard auto/*)
	@./configure --builddir=$(CHECK_BUILDDIR) --with-sanitizers

$(VALGRIND_BUILDDIR)/configured: configure $(wildcard auto/*)
	@./configure --builddir=$(VALGRIND_BUILDDIR)
