# PGXS build of the server extension: make, make install (DESTDIR, VPATH), make installcheck.
# The unit tests, fuzzers and benchmarks of the core are built by CMakeLists.txt.
EXTENSION = koku_onprem
MODULE_big = koku_onprem

srcdir ?= $(dir $(firstword $(MAKEFILE_LIST)))
VERSION := $(shell sed -n "s/^default_version *= *'\(.*\)'/\1/p" $(srcdir)/koku_onprem.control)

CORE_SOURCES = $(sort $(notdir $(wildcard $(srcdir)/src/core/*.cpp)))
SERVER_SOURCES = $(sort $(notdir $(wildcard $(srcdir)/src/server/*.cpp)))
OBJS = $(CORE_SOURCES:%.cpp=src/core/%.o) $(SERVER_SOURCES:%.cpp=src/server/%.o)

# The install script is assembled from ordered parts; summary statements are wrapped by scripts/wrap-summary.sh.
SQL_PARTS = $(sort $(wildcard $(srcdir)/src/sql/*.sql))
SUMMARY_PARTS = $(sort $(wildcard $(srcdir)/src/sql/summary/*.sql))
INSTALL_SCRIPT = sql/$(EXTENSION)--$(VERSION).sql
DATA_built = $(INSTALL_SCRIPT)
DATA = $(wildcard $(srcdir)/sql/released/*.sql)

# golden scenarios and everything that needs a private server: scripts/test.sh
REGRESS = $(patsubst $(srcdir)/sql/%.sql,%,$(filter-out $(srcdir)/sql/$(EXTENSION)--%,$(sort $(wildcard $(srcdir)/sql/*.sql))))
REGRESS_OPTS = --inputdir=$(srcdir) --encoding=UTF8

PG_CPPFLAGS = -I$(srcdir)/src
# -Wno-register: the server's headers before release 16 use the keyword, which C++17 took away.
# -fno-semantic-interposition, hidden visibility: only the SQL entry points are exported.
PG_CXXFLAGS = -std=c++20 -Wall -Wextra -Wno-register -Wno-unused-parameter -fvisibility=hidden -fno-semantic-interposition $(KOKU_CXXFLAGS)
SHLIB_LINK = -larchive -lz -lsimdjson -lstdc++ -Wl,--as-needed
# The bitcode for the server's just-in-time compiler brings nothing for code that is called once per payload.
override with_llvm = no

PG_CONFIG ?= pg_config
PGXS := $(shell $(PG_CONFIG) --pgxs)
include $(PGXS)

# PGXS knows no dependency on headers without --enable-depend.
$(OBJS): $(wildcard $(srcdir)/src/core/*.hpp) $(wildcard $(srcdir)/src/server/*.hpp)
$(OBJS): | src/core src/server
src/core src/server sql:
	@mkdir -p $@

$(INSTALL_SCRIPT): $(SQL_PARTS) $(SUMMARY_PARTS) $(srcdir)/scripts/assemble-sql.sh $(srcdir)/koku_onprem.control | sql
	sh $(srcdir)/scripts/assemble-sql.sh $(srcdir) > $@.tmp && mv $@.tmp $@
EXTRA_CLEAN += $(INSTALL_SCRIPT)
