# Builds everything from $(BUILDDIR)/config.mk, which configure wrote.  Called by
# the Makefile only.  Sources are found by wildcard: a new file is built by being
# there.  Objects that both programs link are compiled once, position independent.

include $(BUILDDIR)/config.mk

B := $(BUILDDIR)
BUILD_PATH := $(abspath $(B))

# --- flags -------------------------------------------------------------------

WARNINGS = -Wall -Wextra -Wshadow -Wmissing-prototypes -Wstrict-prototypes \
           -Wvla -Wformat=2 -Werror
HARDENING = -fstack-protector-strong -fvisibility=hidden -fPIC
LINK_HARDENING = -Wl,-z,relro -Wl,-z,now -Wl,--as-needed

BASE_FLAGS = -std=gnu11 $(WARNINGS) $(HARDENING) $(MODE_FLAGS) -MMD -MP
BASE_LIBS = $(LINK_HARDENING) $(MODE_LIBS) $(USER_LDFLAGS)

# nginx's headers are the system's, not ours to warn about; a handler's unused
# parameters are nginx's habit.
NGINX_INCLUDES = $(addprefix -isystem $(NGINX_SOURCE)/src/, \
                   core event event/modules os/unix http http/modules http/v2) \
                 -isystem $(B)/nginx

INCLUDES_shared =
INCLUDES_module = -Ishared -Ingx_devpilot_module -I$(B) $(NGINX_INCLUDES)
INCLUDES_worker = -Ishared -Iworker -I$(B) $(WORKER_CFLAGS)
INCLUDES_ctl = -Ishared -Ictl -I$(B) $(CTL_CFLAGS)
INCLUDES_unit = $(INCLUDES_worker) -It/unit $(TEST_CFLAGS)

FLAGS_module = -Wpointer-arith -Wno-unused-parameter -pthread
FLAGS_worker = -pthread
FLAGS_ctl = -DDP_MODULE_FOLDER='"$(PREFIX)/lib/nginx/modules"'
FLAGS_unit = -pthread

# --- sources -----------------------------------------------------------------

SHARED_SOURCES := $(wildcard shared/*.c)
MODULE_SOURCES := $(wildcard ngx_devpilot_module/*.c)
DOCUMENTS := api/errors.json api/openapi.json api/openapi.yaml
WORKER_SOURCES := $(wildcard worker/*.c worker/*/*.c)
CTL_SOURCES := $(wildcard ctl/*.c)
UNIT_TESTS := $(patsubst t/unit/%.c,%,$(wildcard t/unit/*_test.c))
UNIT_HELPERS := $(filter-out %_test.c,$(wildcard t/unit/*.c))
PEERS := $(patsubst t/edge/peer/%.c,%,$(wildcard t/edge/peer/*.c))
FUZZERS := $(patsubst t/fuzz/%.c,%,$(wildcard t/fuzz/fuzz_*.c))

objects = $(patsubst %.c,$(B)/o/%.o,$(1))

SHARED_OBJECTS := $(call objects,$(SHARED_SOURCES))
MODULE_OBJECTS := $(call objects,$(MODULE_SOURCES))
DOCUMENT_OBJECTS := $(patsubst api/%,$(B)/documents/%.o,$(DOCUMENTS))
WORKER_OBJECTS := $(call objects,$(WORKER_SOURCES))
CTL_OBJECTS := $(call objects,$(CTL_SOURCES))
UNIT_HELPER_OBJECTS := $(call objects,$(UNIT_HELPERS))

MODULE := $(B)/ngx_http_devpilot_module.so
WORKER := $(B)/devpilot-worker
CTL := $(B)/devpilotctl

# --- goals -------------------------------------------------------------------

.PHONY: all module worker tests install

GOALS_worker_yes = worker
GOALS_module_yes = module
GOALS_unit_yes = $(addprefix $(B)/t/,$(UNIT_TESTS) $(PEERS))

all: $(GOALS_worker_$(WITH_WORKER)) $(GOALS_module_$(WITH_MODULE))

worker: $(WORKER) $(CTL)

module: $(MODULE)

tests: $(GOALS_unit_$(WITH_UNIT_TESTS)) \
       $(if $(CLANG),$(addprefix $(B)/t/,$(FUZZERS)))

all worker module tests: ; @:

# --- compile -----------------------------------------------------------------

# compile NAME, FOLDER: objects of FOLDER with the flags and includes of NAME.
define compile
$$(B)/o/$(2)/%.o: $(2)/%.c $$(B)/config.mk | $$(B)/config.h
	@mkdir -p $$(@D)
	@echo "  CC    $$<"
	@$$(CC) $$(BASE_FLAGS) $$(FLAGS_$(1)) $$(INCLUDES_$(1)) $$(USER_CFLAGS) \
	    -c -o $$@ $$<
endef

$(eval $(call compile,shared,shared))
$(eval $(call compile,module,ngx_devpilot_module))
$(eval $(call compile,worker,worker))
$(eval $(call compile,ctl,ctl))
$(eval $(call compile,unit,t/unit))
$(eval $(call compile,unit,t/edge/peer))

# The schema that the worker was built for: the newest change of the plan.
$(B)/config.h: sql/sqitch.plan ChangeLog $(B)/config.mk auto/config-header
	@auto/config-header >$@.new
	@cmp -s $@.new $@ && rm $@.new || mv $@.new $@

# --- the worker --------------------------------------------------------------

$(WORKER): $(WORKER_OBJECTS) $(SHARED_OBJECTS)
	@echo "  LINK  $@"
	@$(CC) -pie -pthread -o $@ $^ $(BASE_LIBS) $(WORKER_LIBS)

# What an operator tells it.
$(CTL): $(CTL_OBJECTS) $(SHARED_OBJECTS)
	@echo "  LINK  $@"
	@$(CC) -pie -o $@ $^ $(BASE_LIBS) $(WORKER_LIBS) $(CTL_LIBS)

# --- the module --------------------------------------------------------------

NGINX_HEADERS := $(B)/nginx/ngx_auto_config.h
NGINX_MODULES := $(B)/nginx/ngx_http_devpilot_module_modules

$(NGINX_HEADERS): ngx_devpilot_module/config auto/nginx-headers $(B)/config.mk
	@echo "  NGINX $(NGINX_VERSION) headers"
	@auto/nginx-headers $(NGINX_SOURCE) $(BUILD_PATH)/nginx \
	    $(abspath ngx_devpilot_module)
	@touch $@

$(NGINX_MODULES).c: $(NGINX_HEADERS) ;

# Arrays that each module of nginx and nginx itself have under the same names: to
# AddressSanitizer, one defined twice.
$(NGINX_MODULES).o: $(NGINX_MODULES).c
	@$(CC) -fPIC $(NGINX_INCLUDES) -c -o $@ $<

$(MODULE_OBJECTS) $(DOCUMENT_OBJECTS): $(NGINX_HEADERS)

# What the edge serves as it stands: bytes and their entity tag.
.SECONDARY: $(patsubst api/%,$(B)/documents/%.c,$(DOCUMENTS))

$(B)/documents/%.c: api/% auto/embed
	@mkdir -p $(@D)
	@auto/embed $< >$@.new
	@mv $@.new $@

$(B)/documents/%.o: $(B)/documents/%.c $(B)/config.mk
	@echo "  CC    $<"
	@$(CC) $(BASE_FLAGS) $(FLAGS_module) $(INCLUDES_module) $(USER_CFLAGS) \
	    -c -o $@ $<

MODULE_INPUTS := $(MODULE_OBJECTS) $(DOCUMENT_OBJECTS) $(SHARED_OBJECTS) $(NGINX_MODULES).o

$(MODULE): $(MODULE_INPUTS)
	@echo "  LINK  $@"
	@$(CC) -shared -Wl,--build-id -o $@.new $^ $(BASE_LIBS) $(MODULE_LIBS)
	@auto/module-check $(NGINX) $(BUILD_PATH)/$(notdir $@).new $(ASAN_LIB)
	@mv $@.new $@

# --- tests -------------------------------------------------------------------

# Everything of the worker but main(), for unit tests to pick from: a test that
# brings a function of its own leaves ours in the archive.
TEST_ARCHIVE := $(B)/t/libdevpilot.a

$(TEST_ARCHIVE): $(filter-out $(B)/o/worker/main.o,$(WORKER_OBJECTS)) \
                 $(SHARED_OBJECTS) $(UNIT_HELPER_OBJECTS)
	@mkdir -p $(@D)
	@rm -f $@
	@ar rcs $@ $^

# The JSON Schema Test Suite's schemas, compiled as the contract's are.
VECTORS := $(B)/t/schema_vectors

$(VECTORS).c: t/unit/schema_vectors.pl t/vectors/jsonschema/frozen \
              $(wildcard scripts/contract/*.pm)
	@mkdir -p $(@D)
	@t/unit/schema_vectors.pl >$@.new
	@mv $@.new $@

$(VECTORS).o: $(VECTORS).c $(wildcard shared/*.h t/unit/schema_vectors.h)
	@echo "  CC    $<"
	@$(CC) $(BASE_FLAGS) $(INCLUDES_unit) -c -o $@ $<

$(B)/t/schema_vectors_test: $(VECTORS).o

$(addprefix $(B)/t/,$(UNIT_TESTS)): $(B)/t/%: $(B)/o/t/unit/%.o $(TEST_ARCHIVE)
	@echo "  LINK  $@"
	@$(CC) -pie -pthread -o $@ $^ $(BASE_LIBS) $(WORKER_LIBS) $(TEST_LIBS)

$(addprefix $(B)/t/,$(PEERS)): $(B)/t/%: $(B)/o/t/edge/peer/%.o $(SHARED_OBJECTS)
	@mkdir -p $(@D)
	@echo "  LINK  $@"
	@$(CC) -pie -pthread -o $@ $^ $(BASE_LIBS) $(WORKER_LIBS)

# Fuzzers are clang's, also where the rest is gcc's.
$(addprefix $(B)/t/,$(FUZZERS)): $(B)/t/%: t/fuzz/%.c $(SHARED_SOURCES) \
                                 $(wildcard shared/*.h t/fuzz/*.h)
	@mkdir -p $(@D)
	@echo "  FUZZ  $@"
	@$(CLANG) -std=gnu11 -g -O1 -fsanitize=fuzzer,address,undefined \
	    -fno-sanitize-recover=all -Ishared -Iworker -It/fuzz -It/unit -o $@ \
	    $(filter %.c,$^) $(MODULE_LIBS)

$(B)/t/fuzz_schema: $(VECTORS).c
$(B)/t/fuzz_unseal: $(addprefix worker/crypto/,seal.c keys.c master_key.c random.c)

# --- install -----------------------------------------------------------------

install: all
	@auto/install $(B)

-include $(patsubst %.o,%.d,$(SHARED_OBJECTS) $(MODULE_OBJECTS) $(DOCUMENT_OBJECTS) \
    $(WORKER_OBJECTS) $(CTL_OBJECTS) $(UNIT_HELPER_OBJECTS) \
    $(patsubst %,$(B)/o/t/unit/%.o,$(UNIT_TESTS)) \
    $(patsubst %,$(B)/o/t/edge/peer/%.o,$(PEERS)))
