using System.Collections.Immutable;
using Looper.Core.Blueprints;
using Looper.Core.Causal;
using Looper.Core.Events;
using Looper.Core.Experiments;
using Looper.Core.Numerics;
using Looper.Core.Personalization;
using Looper.Core.Serving;
using Looper.Core.Simulation;
using Looper.Core.Tests.Experiments;

namespace Looper.Core.Tests.Personalization;

/// <summary>An experiment on the simulated shop, whose truth is known: each type of customer has a best banner of its own.</summary>
internal static class ShopEffects
{
    /// <summary>Few and fast fits: the shop's truth needs no more.</summary>
    public static readonly EffectPlan Quick = new() { Bases = [BaseLearner.Boosting], Trees = 50, MostBayesian = 0 };

    public static BlueprintContent Content { get; } = new()
    {
        Shape = DecisionShape.Choice,
        Options = [.. BannerShop.Banners.Select(b => new Option(b))],
        Default = "ten-percent",
        Features = [new("customerType", FeatureKind.Category), new("email", FeatureKind.Category) { IsPersonal = true }, new("cartValue", FeatureKind.Number), new("isMember", FeatureKind.Boolean)],
        Outcomes = [new("purchase", OutcomeKind.Boolean), new("refunds", OutcomeKind.Number) { Better = Direction.Lower }],
        Goal = new() { Terms = [new("purchase")] },
    };

    public static ExperimentPlan Plan(int arms = 3) => new()
    {
        Arms = [.. BannerShop.Banners.Take(arms).Select(b => new Arm(b, 1.0 / arms) { Option = b })], BlueprintVersion = 1, PrimaryOutcome = "purchase",
    };

    public static EffectSettings Settings(string learner = "t", bool lower = false) => new()
    {
        Input = new(Guid.Empty, lower ? "refunds" : "purchase", learner, 7), Experiment = "banners", DecisionPoint = "shop", BlueprintVersion = 1, DataUntil = Exposed.Start,
        Definition = "purchase per unit", IsRate = !lower, LowerIsBetter = lower, Propensities = "", Features = [],
    };

    /// <param name="outcome">Values of the two outcomes by customer and banner; null takes whether the customer buys.</param>
    /// <param name="isMember">What the app says of it; null takes the truth, and null for a customer leaves it out.</param>
    /// <param name="other">Values of the second outcome; null takes those of the first.</param>
    /// <param name="others">Told beside the metric.</param>
    public static EffectUnits Units(
        int count, ExperimentPlan plan, string metric = "purchase", Func<Customer, string, int, double>? outcome = null, Func<Customer, bool?>? isMember = null,
        Func<Customer, string, int, double>? other = null, string[]? others = null)
    {
        var (shop, units) = (new BannerShop(11), Empty(plan, metric, others));
        for (var i = 0; i < count; i++)
        {
            var customer = shop.Customer(i);
            var arm = new Philox(3, "arm", i).Below(plan.Arms.Length);
            var value = outcome?.Invoke(customer, BannerShop.Banners[arm], i) ?? (shop.Buys(i, customer, BannerShop.Banners[arm]) ? 1 : 0);
            units.Add(Exposed.Unit(arm, [value, other?.Invoke(customer, BannerShop.Banners[arm], i) ?? value], Served(customer, isMember)));
        }
        return units;
    }

    public static EffectUnits Empty(ExperimentPlan plan, string metric = "purchase", string[]? others = null, BlueprintContent? content = null, int? most = null)
    {
        content ??= Content;
        var all = EffectMetric.Of(MetricSpecs.Of(plan, "purchase", content), "purchase", content);
        return new(plan, all.First(m => m.Key == metric), [.. (others ?? []).Select(o => all.First(m => m.Key == o))], new Dictionary<int, ImmutableArray<Feature>> { [1] = content.Features }, 1)
        {
            Most = most ?? int.MaxValue,
        };
    }

    public static byte[] Served(Customer customer, Func<Customer, bool?>? isMember = null)
    {
        var row = new byte[200];
        var at = ServedRow.WriteText(row, System.Text.Encoding.UTF8.GetBytes(customer.CustomerType));
        at += ServedRow.WriteText(row.AsSpan(at), System.Text.Encoding.UTF8.GetBytes(customer.Unit));
        at += ServedRow.WriteNumber(row.AsSpan(at), customer.CartValue);
        var told = isMember is null ? customer.IsMember : isMember(customer);
        at += told is { } flag ? ServedRow.WriteBoolean(row.AsSpan(at), flag) : ServedRow.WriteMissing(row.AsSpan(at));
        return row[..at];
    }
}
