// The aggregate koku_internal.distinct_texts(text): array_agg(DISTINCT text) for groups that are hashed. The server's
// own sorts the rows of each group, and before that all rows by group.
#include <algorithm>

#include "core/base/hash.hpp"
#include "server/backend/boundary.hpp"

#include "server/backend/compatibility.hpp"

namespace koku {
namespace {

/// The distinct texts of a group: plain data in the memory of the aggregation. Most groups have a few texts, which are
/// compared one by one; the others find them by a table of places.
struct DistinctTexts {
  static constexpr std::uint32_t few = 4;
  MemoryContext context;
  std::uint64_t seed;
  varlena** texts;
  std::uint32_t count;
  std::uint32_t capacity;  // of texts; a table of places has four times as many
  std::uint32_t* places;   // 1 + index into texts, 0: free; nullptr while there are few
  bool has_null;
  varlena* first_texts[few];  // where texts points at first: a group with one text takes one piece of memory
};

std::string_view view_of(const varlena* text) {
  return {VARDATA_ANY(text), static_cast<std::size_t>(VARSIZE_ANY_EXHDR(text))};
}

std::uint32_t mask_of(const DistinctTexts& state) { return state.capacity * 4 - 1; }

/// The place of a text in the table, or the free one where it belongs.
std::uint32_t& place_of(DistinctTexts& state, std::string_view text) {
  const std::uint32_t mask = mask_of(state);
  auto at = static_cast<std::uint32_t>(hash_bytes(text, state.seed)) & mask;
  while (state.places[at] != 0 && view_of(state.texts[state.places[at] - 1]) != text) at = (at + 1) & mask;
  return state.places[at];
}

bool contains(DistinctTexts& state, std::string_view text) {
  if (state.places != nullptr) return place_of(state, text) != 0;
  return std::any_of(state.texts, state.texts + state.count,
                     [text](const varlena* known) { return view_of(known) == text; });
}

DistinctTexts* make_state(MemoryContext context) {
  DistinctTexts* state = nullptr;
  server_call([&] { state = static_cast<DistinctTexts*>(MemoryContextAllocZero(context, sizeof(DistinctTexts))); });
  state->capacity = DistinctTexts::few;
  state->texts = state->first_texts;
  state->context = context;
  state->seed = hash_seed();
  return state;
}

void grow(DistinctTexts& state) {
  server_call([&] {
    state.capacity *= 2;
    auto* texts = static_cast<varlena**>(MemoryContextAlloc(state.context, sizeof(varlena*) * state.capacity));
    std::memcpy(texts, state.texts, sizeof(varlena*) * state.count);
    if (state.texts != state.first_texts) pfree(state.texts);
    state.texts = texts;
    if (state.places != nullptr) pfree(state.places);
    state.places =
        static_cast<std::uint32_t*>(MemoryContextAllocZero(state.context, sizeof(std::uint32_t) * state.capacity * 4));
  });
  for (std::uint32_t at = 0; at < state.count; ++at) place_of(state, view_of(state.texts[at])) = at + 1;
}

void add(DistinctTexts& state, std::string_view text) {
  if (contains(state, text)) return;
  if (state.count == state.capacity) grow(state);
  server_call([&] {
    const MemoryContext previous = MemoryContextSwitchTo(state.context);
    state.texts[state.count] = cstring_to_text_with_len(text.data(), static_cast<int>(text.size()));
    MemoryContextSwitchTo(previous);
  });
  ++state.count;
  if (state.places != nullptr) place_of(state, text) = state.count;
}

/// The texts in the order of their bytes, NULL at the end.
Datum array_of(DistinctTexts& state) {
  std::sort(state.texts, state.texts + state.count,
            [](const varlena* one, const varlena* two) { return view_of(one) < view_of(two); });
  Datum array{};
  server_call([&] {
    const std::uint32_t count = state.count + (state.has_null ? 1 : 0);
    auto* values = static_cast<Datum*>(palloc0(sizeof(Datum) * (count + 1)));
    auto* nulls = static_cast<bool*>(palloc0(sizeof(bool) * (count + 1)));
    for (std::uint32_t at = 0; at < state.count; ++at) values[at] = PointerGetDatum(state.texts[at]);
    nulls[state.count] = true;
    int dimensions[] = {static_cast<int>(count)};
    int lower_bounds[] = {1};
    array = PointerGetDatum(
        construct_md_array(values, nulls, 1, dimensions, lower_bounds, TEXTOID, -1, false, TYPALIGN_INT));
  });
  // Sorted, they are no longer where the table of places says.
  state.places = nullptr;
  return array;
}

DistinctTexts* state_of(FunctionCallInfo fcinfo) {
  return PG_ARGISNULL(0) ? nullptr : reinterpret_cast<DistinctTexts*>(DatumGetPointer(PG_GETARG_DATUM(0)));
}

}  // namespace
}  // namespace koku

extern "C" {

KOKU_SQL_FUNCTION(koku_internal_distinct_texts_add) {
  return koku::run_entry_point([fcinfo] {
    koku::DistinctTexts* state = koku::state_of(fcinfo);
    if (state == nullptr) {
      MemoryContext context = nullptr;
      koku::server_call([&] {
        if (AggCheckCallContext(fcinfo, &context) == 0) elog(ERROR, "called outside of an aggregation");
      });
      state = koku::make_state(context);
    }
    if (PG_ARGISNULL(1)) {
      state->has_null = true;
    } else {
      const varlena* value = nullptr;
      koku::server_call([&] { value = PG_GETARG_TEXT_PP(1); });
      koku::add(*state, koku::view_of(value));
    }
    return PointerGetDatum(state);
  });
}

KOKU_SQL_FUNCTION(koku_internal_distinct_texts_array) {
  return koku::run_entry_point([fcinfo] {
    koku::DistinctTexts* state = koku::state_of(fcinfo);
    if (state != nullptr) return koku::array_of(*state);
    fcinfo->isnull = true;
    return Datum{0};
  });
}
}
