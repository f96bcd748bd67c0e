# What bench/run needs, in $(BUILDDIR)/bench: the peers of the forward hop, and the
# reader of JSON texts.  Called by it only.  Flags, and the release module's own
# objects, are those of auto/build.mk.

include auto/build.mk

.DEFAULT_GOAL := bench

INCLUDES_bench = $(INCLUDES_module) $(WORKER_CFLAGS)
FLAGS_bench = $(FLAGS_module)

$(eval $(call compile,bench,bench/peers))
$(eval $(call compile,bench,bench/json))

BENCH := $(B)/bench
BENCH_OBJECTS := $(call objects,$(wildcard bench/peers/*.c bench/json/*.c))

.PHONY: bench json

bench: $(BENCH)/zmq_responder $(BENCH)/hello_module.so $(BENCH)/open_module.so

$(BENCH_OBJECTS): $(NGINX_HEADERS)

json: $(BENCH)/json_speed

$(BENCH)/zmq_responder: $(B)/o/bench/peers/zmq_responder.o $(SHARED_OBJECTS)
	@mkdir -p $(@D)
	@$(CC) -pie -pthread -o $@ $^ $(BASE_LIBS) $(WORKER_LIBS)

$(BENCH)/hello_module.so: $(B)/o/bench/peers/hello_module.o
	@mkdir -p $(@D)
	@$(CC) -shared -o $@ $^ $(BASE_LIBS)

# The release module, object by object, with the other table of routes.
$(BENCH)/open_module.so: $(filter-out %/dp_routes_table.o,$(MODULE_INPUTS)) \
                         $(B)/o/bench/peers/open_routes.o
	@mkdir -p $(@D)
	@$(CC) -shared -o $@ $^ $(BASE_LIBS) $(MODULE_LIBS)

$(BENCH)/json_speed: $(B)/o/bench/json/json_speed.o $(SHARED_OBJECTS)
	@mkdir -p $(@D)
	@$(CC) -pie -o $@ $^ $(BASE_LIBS) $(WORKER_LIBS) -lcjson

-include $(BENCH_OBJECTS:.o=.d)
