using Looper.Core.Blueprints;

namespace Looper.Core.Decisions;

/// <summary>A starting point of the wizard: presets that can be published unchanged once the options are named.</summary>
public sealed record DraftTemplate(string Key, string Title, string Example, BlueprintContent Content);

public static class DraftTemplates
{
    public static IReadOnlyList<DraftTemplate> All { get; } =
    [
        new("show-or-hide", "Show or hide", "A tip, a banner, a dialog: show it to this person now, or not?", new()
        {
            Shape = DecisionShape.Binary,
            Default = "false",
            Outcomes =
            [
                new("clicked", OutcomeKind.Boolean) { Aggregation = Aggregation.Any },
                new("dismissed", OutcomeKind.Boolean) { Aggregation = Aggregation.Any, Better = Direction.Lower },
            ],
            Goal = new() { Terms = [new("clicked")], Guardrails = [new("dismissed", 0.05)] },
            Policy = new EpsilonGreedyPolicy(0.1),
            Rollout = new() { Share = 1, Holdout = 0.05 },
        }),
        new("pick-a-variant", "Pick a variant", "Three headlines, four banners, two layouts: which one for this person?", new()
        {
            Shape = DecisionShape.Choice,
            Options = [new("variant-a"), new("variant-b"), new("none")],
            Default = "none",
            Outcomes =
            [
                new("converted", OutcomeKind.Boolean) { Aggregation = Aggregation.Any, Window = TimeSpan.FromDays(7) },
                new("revenue", OutcomeKind.Number) { Aggregation = Aggregation.Sum, Window = TimeSpan.FromDays(7), UnitOfMeasure = "EUR" },
            ],
            Goal = new() { Terms = [new("converted")], Guardrails = [new("revenue", 0.01)] },
            Policy = new EpsilonGreedyPolicy(0.1),
            Rollout = new() { Share = 1, Holdout = 0.05 },
        }),
        new("pick-a-candidate", "Pick from a list", "A few offers, articles or slots that differ from call to call: which one for this person?", new()
        {
            Shape = DecisionShape.Pick,
            Default = DecisionShapes.AsSent,
            Outcomes =
            [
                new("clicked", OutcomeKind.Boolean) { Aggregation = Aggregation.Any },
                new("converted", OutcomeKind.Boolean) { Aggregation = Aggregation.Any, Window = TimeSpan.FromDays(7) },
            ],
            Goal = new() { Terms = [new("clicked")], Guardrails = [new("converted", 0.05)] },
            Policy = new EpsilonGreedyPolicy(0.1),
            Rollout = new() { Share = 1, Holdout = 0.05 },
        }),
        new("rank-a-list", "Rank a list", "A feed, search results, a menu: in which order for this person?", new()
        {
            Shape = DecisionShape.Ranking,
            Positions = 10,
            Default = DecisionShapes.AsSent,
            Outcomes =
            [
                new("clicked", OutcomeKind.Boolean) { Aggregation = Aggregation.Any },
                new("bought", OutcomeKind.Boolean) { Aggregation = Aggregation.Any },
            ],
            Goal = new() { Terms = [new("clicked")], Guardrails = [new("bought", 0.05)] },
            Policy = new EpsilonGreedyPolicy(0.1),
            Rollout = new() { Share = 1, Holdout = 0.05 },
        }),
        new("tune-settings", "Tune settings", "Thresholds, weights and limits of your own rule: which values are best for your goal?", new()
        {
            Shape = DecisionShape.Configuration,
            Parameters = [new("threshold") { Low = 0, High = 1 }, new("perDay", ConfigurationKind.Whole) { Low = 1, High = 10 }],
            Default = """{"threshold":0.5,"perDay":3}""",
            Outcomes =
            [
                new("value", OutcomeKind.Number) { Aggregation = Aggregation.Sum, Window = TimeSpan.FromDays(7) },
                new("complaint", OutcomeKind.Boolean) { Aggregation = Aggregation.Any, Better = Direction.Lower, Window = TimeSpan.FromDays(7) },
            ],
            Goal = new() { Terms = [new("value")], Guardrails = [new("complaint", 0.05)] },
            Policy = new FixedPolicy("""{"threshold":0.5,"perDay":3}"""),
            Rollout = new() { Share = 1, Holdout = 0.05 },
            Training = new() { FirstModelAt = 0 },
        }),
        new("estimate-a-value", "Estimate a value", "How long will it take, how much will they spend: the number itself.", new()
        {
            Shape = DecisionShape.Value,
            Default = "0",
            Outcomes = [new("actual", OutcomeKind.Number) { Absent = null, Window = TimeSpan.FromDays(7) }],
            Goal = new() { Terms = [new("actual")] },
            Policy = new BestPolicy(),
        }),
    ];

    public static DraftTemplate? Find(string key) => All.FirstOrDefault(t => t.Key == key);
}
