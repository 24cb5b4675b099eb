using System.Collections.Immutable;
using Looper.Core.Blueprints;
using Looper.Core.Serving;

namespace Looper.Client.Tests.InProcess;

/// <summary>Decision points as Looper gives them to a process that decides itself.</summary>
internal static class Points
{
    public const string Banner = "checkout-banner";

    private static readonly Guid s_id = Guid.Parse("019b0000-0000-7000-8000-000000000001");

    /// <summary>One of three options by lot.</summary>
    public static BlueprintContent Choice => new()
    {
        Shape = DecisionShape.Choice, Options = [new("a"), new("b"), new("none")], Default = "none",
        Features = [new("cartValue", FeatureKind.Number), new("country", FeatureKind.Category)],
        Outcomes = [new("purchase", OutcomeKind.Boolean)],
        Goal = new() { Terms = [new("purchase")] },
        Policy = new RandomPolicy(),
    };

    public static PointSource Of(BlueprintContent content, int version = 1, string key = Banner, bool isPaused = false, params ExperimentSource[] experiments) =>
        new(s_id, key, 42, version, isPaused, false, false, [new(version, BlueprintJson.Write(content))], [new(version, content.Shape, [.. content.Options.Select(o => o.Key)])], [], [.. experiments]);

    /// <summary>All units in two arms alike, each with an option of its own.</summary>
    public static ExperimentSource Experiment(string first = "a", string second = "b", params TesterSource[] testers) =>
        new(Guid.Parse("019b0000-0000-7000-8000-000000000002"), "banner-q4", 7, 1, 0, true, DateTimeOffset.UnixEpoch, [new("control", 1, first, null, null), new("treatment", 1, second, null, null)])
        {
            Testers = [.. testers],
        };

    public static byte[] Bytes(params ImmutableArray<PointSource> points) => SnapshotCodec.Write(new(DateTimeOffset.UnixEpoch, points));

    public static byte[] Bytes(BlueprintContent content, int version = 1) => Bytes(Of(content, version));
}
