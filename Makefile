# PGXS build of the server extension: make, make install (DESTDIR), make installcheck, make dist.
# Out of tree: run make -f PATH/TO/Makefile in an empty directory.
# The unit tests, fuzzers and benchmarks of the core are built by CMakeLists.txt.
EXTENSION = koku_onprem
MODULE_big = koku_onprem

source_directory := $(patsubst %/,%,$(dir $(firstword $(MAKEFILE_LIST))))
extension_version := $(shell sed -n "s/^default_version *= *'\(.*\)'/\1/p" $(source_directory)/koku_onprem.control)

# ISAL=no: payloads are unpacked by zlib, where there is no isa-l; the rows are the same (docs/performance.md has the times).
ISAL ?= yes
ifeq ($(filter yes no,$(ISAL)),)
$(error ISAL is '$(ISAL)'; it can be yes or no)
endif
unused_inflater := $(if $(filter yes,$(ISAL)),zlib,isal)
inflate_library := $(if $(filter yes,$(ISAL)),-lisal,-lz)

all_sources := $(patsubst $(source_directory)/%,%,$(sort $(wildcard $(source_directory)/src/core/*/*.cpp $(source_directory)/src/server/*/*.cpp)))
sources := $(filter-out src/core/payload/inflater_$(unused_inflater).cpp,$(all_sources))
OBJS = $(sources:.cpp=.o)
object_directories = $(sort $(patsubst %/,%,$(dir $(OBJS))))
dependencies = $(sources:.cpp=.d)

# The install script and the upgrade script from the release before are assembled from parts, each of one subject, in the
# order of src/sql/order. Scripts of earlier releases lie in sql/released as they were.
# (PGXS has variables VERSION and INSTALL_SCRIPT of its own: the release of the server, the install program.)
sql_parts := $(sort $(shell find $(source_directory)/src/sql -type f))
extension_script := sql/$(EXTENSION)--$(extension_version).sql
upgrade_scripts := $(patsubst $(source_directory)/src/sql/upgrade/%,sql/$(EXTENSION)--%,$(wildcard $(source_directory)/src/sql/upgrade/*--$(extension_version).sql))
DATA_built = $(extension_script) $(upgrade_scripts)
DATA = $(patsubst $(source_directory)/%,%,$(wildcard $(source_directory)/sql/released/*.sql))

# Golden scenarios and everything else that needs a server of its own: scripts/test.sh
REGRESS = $(patsubst $(source_directory)/sql/%.sql,%,$(filter-out $(source_directory)/sql/$(EXTENSION)--%,$(sort $(wildcard $(source_directory)/sql/*.sql))))
REGRESS_OPTS = --encoding=UTF8
# A database for each test, so that none sees the rows of another; the first two files make what all of them use.
regress_setup = 00_setup 01_line_items
NO_INSTALLCHECK = 1

PG_CPPFLAGS = -I$(source_directory)/src -MMD -MP -DKOKU_ONPREM_VERSION='"$(extension_version)"'
# -Wno-register: the server's headers before release 16 use the keyword, which C++17 took away.
# Hidden visibility: only the SQL entry points are exported.
PG_CXXFLAGS = -std=c++20 -Wall -Wextra -Wno-register -Wno-unused-parameter -fvisibility=hidden -fno-semantic-interposition $(KOKU_CXXFLAGS)
SHLIB_LINK = -Wl,--as-needed -larchive $(inflate_library) -lsimdjson -lstdc++ -pthread
# The bitcode for the server's just-in-time compiler brings nothing for code that is called once per payload.
override with_llvm = no
EXTRA_CLEAN = $(DATA_built) $(dependencies)

PG_CONFIG ?= pg_config
# Assertions of a server that has its own (core/base/assertion.hpp).
ifneq ($(shell grep -s "define USE_ASSERT_CHECKING 1" $$($(PG_CONFIG) --includedir-server)/pg_config.h),)
PG_CPPFLAGS += -DKOKU_ASSERTIONS
endif
PGXS := $(shell $(PG_CONFIG) --pgxs)
include $(PGXS)

# PGXS looks for everything in the source directory, too; an object or script left there by a build in the tree would
# then be taken for the one of this build. Only sources are to be found there. (pg_buildext sets VPATH, too.)
override VPATH =
srcdir := $(source_directory)
vpath %.cpp $(source_directory)
vpath %.control $(source_directory)

-include $(dependencies)
$(OBJS): $(source_directory)/Makefile
src/server/backend/module.o src/server/backend/version_function.o: $(source_directory)/koku_onprem.control
$(OBJS): | $(object_directories)
$(object_directories) sql:
	@mkdir -p $@

$(DATA_built): $(sql_parts) $(source_directory)/scripts/assemble-sql.sh $(source_directory)/koku_onprem.control | sql
$(extension_script):
	sh $(source_directory)/scripts/assemble-sql.sh $(source_directory) > $@.tmp && mv $@.tmp $@
$(upgrade_scripts): sql/$(EXTENSION)--%--$(extension_version).sql: $(wildcard $(source_directory)/src/sql/upgrade/*.sql)
	sh $(source_directory)/scripts/assemble-sql.sh $(source_directory) $* > $@.tmp && mv $@.tmp $@

regress_tests = $(filter-out $(regress_setup),$(REGRESS))
.PHONY: list-tests
list-tests:
	@echo $(regress_tests)

# regress_output: where results/ and regression.failed, the differences of all tests, go. KOKU_SOURCE: what tests include lies there.
regress_output = .
.PHONY: installcheck
installcheck: export KOKU_SOURCE = $(abspath $(source_directory))
installcheck:
	@mkdir -p $(regress_output) && rm -f $(regress_output)/regression.failed; \
	for test in $(regress_tests); do \
	  $(pg_regress_installcheck) --outputdir=$(regress_output) $(REGRESS_OPTS) $(regress_setup) $$test || \
	    cat $(regress_output)/regression.diffs >> $(regress_output)/regression.failed; \
	done; \
	test ! -e $(regress_output)/regression.failed
EXTRA_CLEAN += regression.failed

# The archive for PGXN: what is committed, under the name and version of META.json.
.PHONY: dist
dist:
	git -C $(source_directory) archive --format=zip --prefix=$(EXTENSION)-$(extension_version)/ --output=$(CURDIR)/$(EXTENSION)-$(extension_version).zip HEAD
