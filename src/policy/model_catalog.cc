#include "policy/model_catalog.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "policy/model_match.h"
#include "policy/model_names.h"
#include "policy/price_tables.h"

namespace headroom::policy {
namespace {

constexpr int kMaxSlashes = 4;
constexpr int64_t kMillisPerDay = 86'400'000;

int32_t DayOf(int64_t unix_millis) {
  const std::chrono::year_month_day day(std::chrono::sys_days(std::chrono::days(unix_millis / kMillisPerDay)));
  return static_cast<int>(day.year()) * 10'000 + static_cast<int>(static_cast<unsigned>(day.month())) * 100 +
         static_cast<int>(static_cast<unsigned>(day.day()));
}

std::optional<int64_t> Listed(int64_t price) { return price < 0 ? std::nullopt : std::optional(price); }

Prices ToPrices(const ListedPrices& listed) {
  return {.input = Listed(listed.input),
          .output = Listed(listed.output),
          .cache_read = Listed(listed.cache_read),
          .cache_write_5m = Listed(listed.cache_write_5m),
          .cache_write_1h = Listed(listed.cache_write_1h)};
}

void Overlay(const Prices& over, Prices& prices) {
  for (const auto member :
       {&Prices::input, &Prices::output, &Prices::cache_read, &Prices::cache_write_5m, &Prices::cache_write_1h}) {
    if (over.*member) prices.*member = over.*member;
  }
}

// A name fits an override exactly, or by its beginning; the longest wins.
size_t Fit(std::string_view pattern, std::string_view name) {
  if (!pattern.ends_with('*')) return pattern == name ? std::string_view::npos : 0;
  pattern.remove_suffix(1);
  return name.starts_with(pattern) ? pattern.size() + 1 : 0;
}

std::vector<ModelOverride> InLowerCase(std::vector<ModelOverride> overrides) {
  for (ModelOverride& override : overrides) override.model = LowerName(override.model);
  return overrides;
}

}  // namespace

// The price list, and how names are found in it.
class ModelCatalog::List {
 public:
  List() : tables_(Tables()), matcher_(tables_.match_nodes) {}

  // The entry of a name, or of one of its spellings.
  std::optional<ModelFacts> Find(std::string_view name, int32_t today) const {
    for (const std::string& spelling : Spellings(name)) {
      const std::optional<Place> place = FindSpelling(spelling);
      if (place) return Facts(*place, today);
    }
    return std::nullopt;
  }

  std::optional<ModelFacts> Family(std::string_view name, int32_t today) const {
    const std::string bare = BareName(name);
    const ListedProvider* provider = Claiming(bare);
    if (provider == nullptr) return std::nullopt;
    for (std::string_view stem = bare; !stem.empty(); stem = ShorterStem(stem)) {
      std::optional<ModelFacts> family;
      for (const ListedModel& model : ModelsOf(*provider)) {
        if (!IsOfStem(model.id, stem) || model.context_window == 0) continue;
        Widen(Facts({provider, &model}, today), family);
      }
      if (family) return family;
    }
    return std::nullopt;
  }

  std::vector<ModelFacts> All(int32_t today) const {
    std::vector<ModelFacts> all;
    for (const ListedProvider& provider : tables_.providers) {
      for (const ListedModel& model : ModelsOf(provider)) all.push_back(Facts({&provider, &model}, today));
    }
    return all;
  }

 private:
  struct Place {
    const ListedProvider* provider;
    const ListedModel* model;
  };

  std::span<const ListedModel> ModelsOf(const ListedProvider& provider) const {
    return tables_.models.subspan(provider.first_model, provider.models);
  }

  // The provider whose own model `name` is.
  const ListedProvider* Claiming(std::string_view name) const {
    for (const ListedProvider& provider : tables_.providers) {
      if (provider.model_match >= 0 && matcher_.Matches(static_cast<uint32_t>(provider.model_match), name)) {
        return &provider;
      }
    }
    return nullptr;
  }

  // The provider that a prefix names.
  const ListedProvider* Named(std::string_view prefix) const {
    for (const ListedProvider& provider : tables_.providers) {
      if (provider.id == prefix) return &provider;
    }
    for (const ListedProvider& provider : tables_.providers) {
      if (provider.name_match >= 0 && matcher_.Matches(static_cast<uint32_t>(provider.name_match), prefix)) {
        return &provider;
      }
    }
    return nullptr;
  }

  std::optional<Place> OwnModel(const ListedProvider& provider, std::string_view name) const {
    for (const ListedModel& model : ModelsOf(provider)) {
      if (matcher_.Matches(model.match, name)) return Place{&provider, &model};
    }
    return std::nullopt;
  }

  std::optional<Place> AtProvider(const ListedProvider& provider, std::string_view name) const {
    std::optional<Place> place = OwnModel(provider, name);
    for (const uint16_t other : tables_.fallbacks.subspan(provider.first_fallback, provider.fallbacks)) {
      if (place) break;
      place = OwnModel(tables_.providers[other], name);
    }
    return place;
  }

  std::optional<Place> FindSpelling(std::string_view name) const {
    if (const ListedProvider* owner = Claiming(name)) {
      if (const std::optional<Place> place = AtProvider(*owner, name)) return place;
    }
    std::string_view rest = name;
    for (int i = 0; i < kMaxSlashes; ++i) {
      const size_t slash = rest.find('/');
      if (slash == std::string_view::npos) break;
      const ListedProvider* named = Named(rest.substr(0, slash));
      rest = rest.substr(slash + 1);
      if (named == nullptr) continue;
      if (const std::optional<Place> place = AtProvider(*named, rest)) return place;
    }
    for (const ListedProvider& provider : tables_.providers) {
      if (const std::optional<Place> place = AtProvider(provider, name)) return place;
    }
    return std::nullopt;
  }

  ModelFacts Facts(const Place& place, int32_t today) const {
    ModelFacts facts;
    facts.id = place.model->id;
    facts.provider = place.provider->id;
    if (place.model->context_window > 0) facts.context_window = place.model->context_window;
    const ListedPricePeriod* now = nullptr;
    for (const ListedPricePeriod& period : tables_.periods.subspan(place.model->first_period, place.model->periods)) {
      if (now == nullptr || period.from <= today) now = &period;
    }
    if (now == nullptr) return facts;
    facts.prices = ToPrices(now->prices);
    if (now->above > 0) {
      facts.long_prompt = LongPrompt{static_cast<uint64_t>(now->above), ToPrices(now->long_prices)};
    }
    return facts;
  }

  // The largest window, and the prices of the dearest.
  static void Widen(ModelFacts model, std::optional<ModelFacts>& family) {
    if (!family) {
      family = std::move(model);
      family->source = ModelFacts::Source::kFamily;
      return;
    }
    family->context_window = std::max(family->context_window, model.context_window);
    if (model.prices.input <= family->prices.input) return;
    family->id = std::move(model.id);
    family->prices = model.prices;
    family->long_prompt = model.long_prompt;
  }

  const PriceTables& tables_;
  const ModelMatcher matcher_;
};

ModelCatalog::ModelCatalog(std::vector<ModelOverride> overrides, const Clock& clock)
    : overrides_(InLowerCase(std::move(overrides))), clock_(clock), list_(std::make_unique<List>()) {}

ModelCatalog::~ModelCatalog() = default;

std::optional<ModelFacts> ModelCatalog::Find(std::string_view model) const {
  if (model.size() > kMaxNameBytes) return std::nullopt;
  const int32_t today = DayOf(clock_.UnixMillis());
  {
    const std::lock_guard lock(mutex_);
    if (remembered_day_ == today) {
      if (const auto found = remembered_.find(model); found != remembered_.end()) return found->second;
    }
  }
  std::optional<ModelFacts> facts = Resolve(LowerName(model), today);
  const std::lock_guard lock(mutex_);
  if (remembered_day_ != today || remembered_.size() >= kMaxRemembered) remembered_.clear();
  remembered_day_ = today;
  remembered_.insert_or_assign(std::string(model), facts);
  return facts;
}

std::optional<ModelFacts> ModelCatalog::Resolve(std::string_view name, int32_t today) const {
  std::optional<ModelFacts> facts = list_->Find(name, today);
  if (!facts) facts = list_->Family(name, today);

  const ModelOverride* override = nullptr;
  size_t best = 0;
  for (const ModelOverride& candidate : overrides_) {
    const size_t fit = Fit(candidate.model, name);
    if (fit <= best) continue;
    best = fit;
    override = &candidate;
  }
  if (override == nullptr) return facts;
  if (!facts) facts.emplace();
  facts->source = ModelFacts::Source::kOverride;
  facts->id = override->model;
  if (override->context_window) {
    facts->context_window = override->context_window;
    facts->window_overridden = true;
  }
  if (override->max_output) facts->max_output = override->max_output;
  Overlay(override->prices, facts->prices);
  if (facts->long_prompt) Overlay(override->prices, facts->long_prompt->prices);
  return facts;
}

std::vector<ModelFacts> ModelCatalog::All() const { return list_->All(DayOf(clock_.UnixMillis())); }

std::string_view ModelCatalog::DataDate() { return Tables().date; }

std::string ModelCatalog::DataVersion() { return "@pydantic/genai-prices " + std::string(Tables().version); }

}  // namespace headroom::policy
