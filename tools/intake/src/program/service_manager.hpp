// Tells systemd how the service is (sd_notify(3)); does nothing where there is no systemd.
#pragma once

#include <optional>
#include <string_view>

#include "settings/units.hpp"

namespace koku::intake {

/// 'READY=1', 'STOPPING=1', 'WATCHDOG=1', ... to the socket that NOTIFY_SOCKET names.
void notify_service_manager(std::string_view state) noexcept;

/// How often the watchdog wants to hear from us: half of what it allows. Nothing when there is none.
std::optional<Duration> watchdog_interval();

}  // namespace koku::intake
