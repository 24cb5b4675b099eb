using Looper.Core.Access;
using Looper.Core.Blueprints;
using Looper.Core.Decisions;
using Looper.Core.Experiments;

namespace Looper.Core.Simulation;

/// <summary>Sets the simulated shop up: one decision point, and an experiment that compares its three banners on half of the customers.</summary>
public sealed class ShopDemo(DraftActions drafts, DecisionPointQueries points, ExperimentActions experiments)
{
    public const string DecisionPointKey = "shop-banner";
    public const string ExperimentKey = "shop-banners";
    internal const string Purchase = "purchase";

    /// <summary>Makes what is not there yet; a second start changes nothing.</summary>
    public async Task<Refusal?> EnsureAsync(CancellationToken cancel)
    {
        if (await points.FindAsync(Caller.System, DecisionPointKey, cancel) is not null) return null;
        var request = new NewDraft(Key: DecisionPointKey, Name: "Shop banner", Description: "Which banner a customer of the simulated shop sees.", Content: Content())
        {
            IsSimulated = true,
        };
        var draft = await drafts.CreateAsync(Caller.System, request, cancel);
        if (draft.Refusal is { } notDrafted) return notDrafted;
        var published = await drafts.PublishAsync(Caller.System, draft.Value!.Id, null, "Simulated", cancel);
        if (published.Refusal is { } notPublished) return notPublished;
        var experiment = await experiments.CreateAsync(Caller.System, new(DecisionPointKey, ExperimentKey, "Which banner sells most?", "One banner for everybody leaves sales behind.", Plan()), cancel);
        return experiment.Refusal ?? await experiments.StartAsync(Caller.System, experiment.Value, "Simulated", cancel);
    }

    /// <summary>Outcomes wait one minute only, so that the whole loop can be watched.</summary>
    internal static BlueprintContent Content() => new()
    {
        Shape = DecisionShape.Choice,
        UnitName = "customer",
        Options = [.. BannerShop.Banners.Select(b => new Option(b))],
        Default = "ten-percent",
        Features =
        [
            new("customerType", FeatureKind.Category),
            new("country", FeatureKind.Category),
            new("cartValue", FeatureKind.Number),
            new("visits7d", FeatureKind.Number),
            new("isMember", FeatureKind.Boolean),
        ],
        Outcomes =
        [
            new(Purchase, OutcomeKind.Boolean) { Aggregation = Aggregation.Any, Window = TimeSpan.FromMinutes(1) },
            new("revenue", OutcomeKind.Number) { Aggregation = Aggregation.Sum, Window = TimeSpan.FromMinutes(1), UnitOfMeasure = "EUR" },
        ],
        Goal = new() { Terms = [new(Purchase)], Guardrails = [new("revenue", 0.01)] },
        Policy = new EpsilonGreedyPolicy(0.1),
        Rollout = new() { Holdout = 0.1 }, // so that the ledger has something to tell
        Training = new() { FirstModelAt = 3_000, RetrainEvery = TimeSpan.FromMinutes(15) },
    };

    private static ExperimentPlan Plan() => new()
    {
        Arms = [.. BannerShop.Banners.Select(b => new Arm(b, 1.0 / BannerShop.Banners.Length) { Option = b })],
        Traffic = 0.5,
        PrimaryOutcome = Purchase,
    };
}
