using Looper.Core.Blueprints;

namespace Looper.Core.Tests.Decisions;

/// <summary>Contents that may be published.</summary>
internal static class Sample
{
    public static BlueprintContent Banner { get; } = new()
    {
        Shape = DecisionShape.Choice,
        Options = [new("free-shipping"), new("ten-percent"), new("none") { Name = "No banner" }],
        Default = "none",
        Features = [new("country", FeatureKind.Category), new("cartValue", FeatureKind.Number), new("device.mobile", FeatureKind.Boolean)],
        Outcomes =
        [
            new("purchase", OutcomeKind.Boolean) { Aggregation = Aggregation.Any, Window = TimeSpan.FromDays(7) },
            new("revenue", OutcomeKind.Number) { Aggregation = Aggregation.Sum, Window = TimeSpan.FromDays(7), UnitOfMeasure = "EUR" },
            new("refund", OutcomeKind.Boolean) { Aggregation = Aggregation.Any, Better = Direction.Lower, Window = TimeSpan.FromHours(36) },
        ],
        Goal = new() { Terms = [new("purchase"), new("revenue", 0.02)], Guardrails = [new("refund", 0.01)] },
        Policy = new EpsilonGreedyPolicy(0.1),
        Rollout = new() { Share = 0.2, Holdout = 0.05 },
    };

    public static BlueprintContent Tip { get; } = new()
    {
        Shape = DecisionShape.Binary,
        Default = "false",
        Outcomes = [new("clicked", OutcomeKind.Boolean) { Aggregation = Aggregation.Any }],
        Goal = new() { Terms = [new("clicked")] },
        Policy = new RandomPolicy { Weights = [0.3, 0.7] },
    };

    public static BlueprintContent Delivery { get; } = new()
    {
        Shape = DecisionShape.Value,
        Default = "3",
        Range = new(0, 30),
        Features = [new("distance", FeatureKind.Number)],
        Outcomes = [new("days", OutcomeKind.Duration) { Absent = null }],
        Goal = new() { Terms = [new("days")] },
        Policy = new BestPolicy(),
    };

    public static BlueprintContent Feed { get; } = new()
    {
        Shape = DecisionShape.Ranking,
        Positions = 10,
        Default = DecisionShapes.AsSent,
        Features = [new("hour", FeatureKind.Number)],
        CandidateFeatures = [new("topic", FeatureKind.Category), new("age", FeatureKind.Number)],
        Outcomes = [new("clicked", OutcomeKind.Boolean) { Aggregation = Aggregation.Any }],
        Goal = new() { Terms = [new("clicked")] },
        Policy = new EpsilonGreedyPolicy(0.1),
    };

    public static BlueprintContent Settings { get; } = new()
    {
        Shape = DecisionShape.Configuration,
        Parameters =
        [
            new("threshold") { Low = 0, High = 1 }, new("perDay", ConfigurationKind.Whole) { Low = 1, High = 9, Log = true },
            new("mode", ConfigurationKind.Category) { Values = ["calm", "eager"] },
        ],
        Default = """{"threshold":0.5,"perDay":3,"mode":"calm"}""",
        Outcomes = [new("opened", OutcomeKind.Boolean) { Aggregation = Aggregation.Any }],
        Goal = new() { Terms = [new("opened")] },
        Policy = new FixedPolicy("""{"threshold":0.4,"perDay":3,"mode":"calm"}"""),
    };
}
