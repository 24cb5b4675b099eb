using System.Collections.Immutable;
using System.Text;
using Looper.Core.Blueprints;
using Looper.Core.Learning;
using Looper.Core.Learning.Trees;
using Looper.Core.Serving;

namespace Looper.Core.Tests.Serving;

/// <summary>Blueprints, points and decisions for these tests.</summary>
internal static class Serve
{
    public static BlueprintContent Banner(PolicySpec? policy = null) => new()
    {
        Shape = DecisionShape.Choice,
        Options = [new("none"), new("ten-percent"), new("free-shipping")],
        Default = "none",
        Features = [new("country", FeatureKind.Category), new("cartValue", FeatureKind.Number), new("isMember", FeatureKind.Boolean), new("device.os", FeatureKind.Category)],
        Outcomes = [new("purchase", OutcomeKind.Boolean), new("refunds", OutcomeKind.Number) { Better = Direction.Lower }],
        Goal = new() { Terms = [new("purchase")] },
        Policy = policy ?? new RandomPolicy(),
    };

    public static PointSource Point(BlueprintContent content, string key = "banner", params ExperimentSource[] experiments) => new(
        Guid.CreateVersion7(DateTimeOffset.UnixEpoch), key, Salt: 42, CurrentVersion: 1, IsPaused: false, IsArchived: false, IsSimulated: false,
        [new(1, BlueprintJson.Write(content))], [], [], [.. experiments]);

    public static ExperimentSource Experiment(params ArmSource[] arms) =>
        new(Guid.CreateVersion7(DateTimeOffset.UnixEpoch), "test", Salt: 7, Traffic: 1, Holdout: 0, IsRunning: true, DateTimeOffset.UnixEpoch, [.. arms]);

    public static ServingSnapshot Snapshot(params PointSource[] points) => ServingSnapshot.Compile(new(DateTimeOffset.UnixEpoch, [.. points]));

    public static Decision Decide(ServingSnapshot snapshot, string unit, string? id = null, string context = "{}", DecisionWorkspace? workspace = null, string key = "banner") =>
        DecisionEngine.Decide(snapshot, snapshot.Find(key)!, new(Utf8(unit), Utf8(id ?? unit), Utf8(context)), workspace ?? new());

    public static string Key(this Decision decision) => decision.Blueprint!.Answers.Options[decision.Answer.Option];

    public static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);

    /// <summary>A model that predicts <paramref name="byOption"/>[option] whatever the features say.</summary>
    public static ModelSource Model(string outcome, ImmutableArray<string> options, ImmutableArray<double> byOption, int number = 3)
    {
        var nodes = ImmutableArray.CreateBuilder<TreeNode>();
        var sets = ImmutableArray.CreateBuilder<ulong>();
        for (var option = 0; option < byOption.Length - 1; option++)
        {
            nodes.Add(new(0, 0, option, nodes.Count + 1, nodes.Count + 2, MissingLeft: true, 0, 1, 1));
            nodes.Add(new(0, 0, -1, -1, -1, false, byOption[option], 1, 0));
            sets.AddRange(1UL << option, 0, 0, 0);
        }
        nodes.Add(new(0, 0, -1, -1, -1, false, byOption[^1], 1, 0));
        ImmutableArray<short> levels = [.. options.Select((_, level) => (short)level)];
        var trees = new TreeEnsemble(Objective.Squared, [0], [new Tree(nodes.ToImmutable(), sets.ToImmutable())], [levels]);
        return new(number, outcome, Artefact.Write(new([new(ModelEncoder.OptionColumn, ColumnKind.Category, options)], trees)));
    }
}
