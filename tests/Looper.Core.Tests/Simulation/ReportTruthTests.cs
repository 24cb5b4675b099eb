using Looper.Core.Blueprints;
using Looper.Core.Experiments;
using Looper.Core.Simulation;

namespace Looper.Core.Tests.Simulation;

/// <summary>What is known of the simulated shop is held against reports of just that.</summary>
public class ReportTruthTests
{
    private static readonly ReportSettings s_shop = new()
    {
        ExperimentId = Guid.Empty, Experiment = ShopDemo.ExperimentKey, DecisionPoint = ShopDemo.DecisionPointKey, State = ExperimentState.Running, DataUntil = default, PrimaryOutcome = "purchase", IsSimulated = true,
        Plan = new() { Arms = [.. BannerShop.Banners.Take(2).Select(b => new Arm(b, 0.5) { Option = b })] },
    };

    [Fact]
    public void Purchases_of_everybody_with_a_banner_an_arm_are_known() => Assert.Equal(BannerShop.ExpectedRate("ten-percent"), SimulationQueries.TruthOf(s_shop)!.Rates["ten-percent"]);

    [Fact]
    public void Nothing_is_known_of_another_outcome_of_some_customers_or_of_arms_that_do_something_else()
    {
        var plan = s_shop.Plan;
        Assert.Null(SimulationQueries.TruthOf(s_shop with { PrimaryOutcome = "revenue" }));
        Assert.Null(SimulationQueries.TruthOf(s_shop with { Plan = plan with { Audience = [new("country", FilterRule.Is, "NL")] } }));
        Assert.Null(SimulationQueries.TruthOf(s_shop with { Plan = plan with { Arms = [plan.Arms[0], plan.Arms[1] with { Option = null, Policy = new BestPolicy() }] } }));
        Assert.Null(SimulationQueries.TruthOf(s_shop with { Plan = plan with { Arms = [plan.Arms[0], plan.Arms[1] with { Option = plan.Arms[0].Key }] } }));
        Assert.Null(SimulationQueries.TruthOf(s_shop with { IsSimulated = false }));
        Assert.Null(SimulationQueries.TruthOf(s_shop with { DecisionPoint = "shop" }));
    }
}
