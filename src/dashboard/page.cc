#include "dashboard/page.h"

extern "C" {
extern const char headroom_dashboard_page[];
extern const char headroom_dashboard_page_end[];
extern const char headroom_dashboard_policy[];
extern const char headroom_dashboard_policy_end[];
}

namespace headroom::dashboard {
namespace {

std::string_view Between(const char* begin, const char* end) { return {begin, static_cast<size_t>(end - begin)}; }

}  // namespace

std::string_view Page() { return Between(headroom_dashboard_page, headroom_dashboard_page_end); }
std::string_view PagePolicy() { return Between(headroom_dashboard_policy, headroom_dashboard_policy_end); }

}  // namespace headroom::dashboard
