using Looper.Core.Blueprints;
using Looper.Core.Experiments;

namespace Looper.Web.Tests.Console.Experiments;

/// <summary>A report of two arms and one metric, in EUR, with numbers that nobody computed.</summary>
internal static class Measured
{
    public static ExperimentPlan Plan { get; } = new() { Arms = [new("control", 0.5), new("treatment", 0.5)], Reading = ReadingKind.Bayesian };

    public static ReportContent Report(double loss = 0.25, BalancedMean? control = null, BalancedMean? treatment = null, double level = 0.95) => new()
    {
        Settings = new()
        {
            ExperimentId = Guid.CreateVersion7(), Experiment = "banner-q4", DecisionPoint = "banner", State = ExperimentState.Running, StartedAt = default(DateTimeOffset), DataUntil = default,
            Plan = Plan with { Level = level }, PrimaryOutcome = "revenue",
        },
        Arms = [Arm("control"), Arm("treatment")],
        Health = [],
        Metrics =
        [
            new()
            {
                Outcome = "revenue", Role = MetricRole.Goal, IsPrimary = true, Kind = OutcomeKind.Number, Better = Direction.Higher, UnitOfMeasure = "EUR", Window = TimeSpan.FromDays(1),
                Arms = [Value("control", 12) with { Balanced = control }, Value("treatment", 14) with { Balanced = treatment }],
                Comparisons = [new() { Arm = "treatment", Absolute = Effect(1.5, loss), Relative = Effect(0.1, loss), Verdict = EffectVerdict.Unsure }],
            },
        ],
        Recommendation = new(RecommendedAction.KeepRunning, 6, null, "Keep running", "Nothing is clear yet.", []),
        Traffic = new(200, 0.25, 10, null), // 800 units a day if all took part
    };

    private static ArmFigures Arm(string key) => new() { Key = key, Does = "what the blueprint does", Weight = 0.5, Units = 1_000 };

    private static ArmValue Value(string arm, double mean) => new(arm, 1_000, 0, 0, 1_000 * mean, mean, 3, 0, null);

    private static EffectFigures Effect(double estimate, double loss) => new()
    {
        Estimate = estimate, StandardError = 1, DegreesOfFreedom = 1_998, Units = 2_000, Method = "made-up",
        Fixed = new(estimate - 2, estimate + 2, 0.1, "made-up"), Sequential = new(estimate - 3, estimate + 3, 0.2, "made-up"),
        Bayesian = new(estimate, estimate - 2, estimate + 2, 0.9, loss, 1, 0, 1, "made-up"),
    };
}
