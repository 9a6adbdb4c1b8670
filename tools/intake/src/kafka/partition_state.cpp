#include "kafka/partition_state.hpp"

#include <algorithm>

namespace koku::intake {

Duration backoff(unsigned pauses, Duration first, Duration longest) {
  auto pause = first;
  for (unsigned step = 0; step < pauses && pause < longest; ++step) pause *= 2;
  return std::min(pause, longest);
}

}  // namespace koku::intake
