# Sourced by the scripts of the project: where things are, and how they are built.
#
#   KOKU_BUILD       directory of everything that is built (default: build/ in the project)
#   KOKU_PG_CONFIG   pg_config of the PostgreSQL to build for (default: Debian's of version KOKU_POSTGRES)
#   KOKU_POSTGRES    major version of PostgreSQL (default: 15)
#   KOKU_ISAL        no: payloads are unpacked by zlib instead of isa-l
#   KOKU_DEBUG       not empty: the extension is built for a debugger
#   KOKU_SANITIZERS  sanitizers that the extension is built with (default: none); see scripts/sanitized-server.sh
# shellcheck shell=bash disable=SC2034 # variables are set for the scripts that source this

project=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
build=${KOKU_BUILD:-$project/build}
postgres_version=${KOKU_POSTGRES:-15}
pg_config=${KOKU_PG_CONFIG:-/usr/lib/postgresql/$postgres_version/bin/pg_config}
extension_version=$(sed -n "s/^default_version *= *'\(.*\)'/\1/p" "$project/koku_onprem.control")
extension_build=$build/extension-$postgres_version${KOKU_ISAL:+-isal-$KOKU_ISAL}
jobs=$(nproc)

# What one tree has compiled, another need not: several kinds of tests build the same files. A copy of the project that a
# test makes shares the cache of the project.
if [ -x /usr/lib/ccache/g++ ]; then
  [[ :$PATH: = *:/usr/lib/ccache:* ]] || PATH=/usr/lib/ccache:$PATH
  export CCACHE_DIR=${CCACHE_DIR:-$project/build/ccache} CCACHE_BASEDIR=$project CCACHE_NOHASHDIR=1
fi

# use_fetched_postgres VERSION: from here on all is for that release, which scripts/fetch-postgres.sh brings; scripts that are
# called, too.
use_fetched_postgres() {
  pg_config=$("$project/scripts/fetch-postgres.sh" "$1")
  postgres_version=$1
  extension_build=$build/extension-$1${KOKU_ISAL:+-isal-$KOKU_ISAL}
  export KOKU_POSTGRES=$postgres_version KOKU_PG_CONFIG=$pg_config
}

say() { printf '== %s\n' "$*" >&2; }

fail() {
  printf '%s: %s\n' "$(basename "$0")" "$*" >&2
  exit 1
}

# run_quietly LOG COMMAND...: shows what the command printed only when it fails.
run_quietly() {
  local log=$1
  shift
  mkdir -p "$(dirname "$log")"
  if ! "$@" >"$log" 2>&1; then
    cat "$log" >&2
    fail "failed: $*"
  fi
}

# read_counts LOG: takes passed and failed from the closing line 'N passed, N failed'; false when the log has none.
read_counts() {
  [[ $(tail -n 1 "$1") =~ ^([0-9]+)\ passed,\ ([0-9]+)\ failed$ ]] || return 1
  passed=${BASH_REMATCH[1]}
  failed=${BASH_REMATCH[2]}
}

# one_at_a_time NAME COMMAND...: waits while another script is at work in build/NAME.
one_at_a_time() {
  local name=$1
  shift
  mkdir -p "$build/locks"
  (
    flock 9
    "$@" 9>&-
  ) 9>"$build/locks/$name"
}

# run_cmake SOURCE NAME TARGET [CMAKE_OPTION...]: builds a target of SOURCE/CMakeLists.txt in build/NAME.
run_cmake() {
  local source=$1 name=$2 target=$3
  shift 3
  run_quietly "$build/logs/cmake-$name.log" cmake -S "$source" -B "$build/$name" -DKOKU_WARNINGS_AS_ERRORS=ON "$@"
  run_quietly "$build/logs/build-$name-$target.log" cmake --build "$build/$name" --target "$target" --parallel "$jobs"
}

# build_with_cmake NAME TARGET [CMAKE_OPTION...]: of the core.
build_with_cmake() { one_at_a_time "$1" run_cmake "$project" "$@"; }

# koku-intake and its tests, in build/intake. Without symbols for the debugger it takes two thirds of the time.
build_intake() {
  say "building koku-intake"
  one_at_a_time intake run_cmake "$project/tools/intake" intake all -DCMAKE_BUILD_TYPE=Release \
    -DCMAKE_CXX_FLAGS_RELEASE="-O2 -DNDEBUG" -DCMAKE_INSTALL_PREFIX=/usr
}

# The fuzz targets of koku-intake, in build/intake-fuzz.
build_intake_fuzz_targets() {
  one_at_a_time intake-fuzz run_cmake "$project/tools/intake" intake-fuzz intake_fuzz_targets \
    -DCMAKE_CXX_COMPILER=clang++ -DKOKU_INTAKE_FUZZ=ON -DKOKU_INTAKE_TESTS=OFF
}

# build_unit_tests VARIANT: the unit tests of the core as released, sanitized, with zlib instead of isa-l, or those that have
# threads with the sanitizer of threads; the program is build/VARIANT/unit_tests.
build_unit_tests() {
  case $1 in
    unit) build_with_cmake unit unit_tests ;;
    unit-sanitized) build_with_cmake unit-sanitized unit_tests -DKOKU_SANITIZERS=address,undefined -DCMAKE_BUILD_TYPE=Debug ;;
    unit-threads)
      build_with_cmake unit-threads unit_tests -DKOKU_SANITIZERS=thread -DCMAKE_BUILD_TYPE=Debug -DKOKU_UNIT_SUITES=read_ahead
      ;;
    unit-zlib) build_with_cmake unit-zlib unit_tests -DKOKU_ISAL=OFF -DKOKU_UNIT_SUITES=archive ;;
  esac
}

build_fuzz_targets() {
  command -v clang++ >/dev/null || fail "no clang++; run scripts/install-deps.sh"
  build_with_cmake fuzz fuzz_targets -DCMAKE_CXX_COMPILER=clang++ -DKOKU_FUZZ=ON
}

# The payload generator; prints nothing, leaves the program in $generate_payload.
build_generator() {
  build_with_cmake tools generate_payload
  generate_payload=$build/tools/generate_payload
}

# sample_payload FILE [OPTION...]: a payload of the small cluster that the demo and the documentation show.
sample_payload() {
  build_generator
  "$generate_payload" --cluster-id sample-cluster --pods 60 --nodes 6 --namespaces 10 --volumes 16 --vms 3 --gpus 3 \
    --output "$@" >/dev/null
}

# make_extension TARGET [VARIABLE=VALUE...]: runs the project's Makefile out of tree, warnings as errors. Of symbols there are
# lines and names of functions only: the whole set is a third of the compiler's work.
make_extension() {
  local flags=("KOKU_CXXFLAGS=-Werror -g1")
  if [ -n "${KOKU_SANITIZERS:-}" ]; then
    flags=("KOKU_CXXFLAGS=-fsanitize=$KOKU_SANITIZERS -fno-omit-frame-pointer -DKOKU_ASSERTIONS" "PG_LDFLAGS=-fsanitize=$KOKU_SANITIZERS")
  fi
  [ -z "${KOKU_ISAL:-}" ] || flags+=("ISAL=$KOKU_ISAL")
  [ -z "${KOKU_DEBUG:-}" ] || flags+=("CXXFLAGS=-Og" "KOKU_CXXFLAGS=-Werror -ggdb3")
  mkdir -p "$extension_build"
  make -C "$extension_build" -f "$project/Makefile" --no-print-directory -j "$jobs" "${flags[@]}" "$@"
}

build_extension() {
  [ -x "$pg_config" ] || fail "no pg_config at $pg_config; run scripts/install-deps.sh or set KOKU_PG_CONFIG"
  say "building the extension for $("$pg_config" --version)"
  one_at_a_time "$(basename "$extension_build")" run_quietly "$build/logs/build-$(basename "$extension_build").log" \
    make_extension all PG_CONFIG="$pg_config"
}
