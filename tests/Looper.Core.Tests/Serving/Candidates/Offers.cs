using System.Collections.Immutable;
using System.Text;
using Looper.Core.Blueprints;
using Looper.Core.Learning;
using Looper.Core.Learning.Trees;
using Looper.Core.Serving;

namespace Looper.Core.Tests.Serving.Candidates;

/// <summary>A place where one of the offers sent is picked, and a model that predicts an offer's price.</summary>
internal static class Offers
{
    public static BlueprintContent Pick(PolicySpec policy) => new()
    {
        Shape = DecisionShape.Pick,
        Default = DecisionShapes.AsSent,
        Features = [new("country", FeatureKind.Category)],
        CandidateFeatures = [new("price", FeatureKind.Number), new("brand", FeatureKind.Category)],
        Outcomes = [new("bought", OutcomeKind.Boolean)],
        Goal = new() { Terms = [new("bought")] },
        Policy = policy,
    };

    public static PointSource Point(PolicySpec policy, bool withModel = true, params ExperimentSource[] experiments) =>
        Point(Pick(policy), withModel, experiments);

    public static PointSource Point(BlueprintContent content, bool withModel = true, params ExperimentSource[] experiments) =>
        Serve.Point(content, "offers", experiments) with { Models = withModel ? [Model()] : [] };

    /// <summary>Price in steps: below 1 predicts 0, below 2 predicts 0.1 … from 9 on 0.9.</summary>
    public static ModelSource Model()
    {
        var nodes = ImmutableArray.CreateBuilder<TreeNode>();
        for (var step = 1; step <= 9; step++)
        {
            nodes.Add(new(0, step, -1, nodes.Count + 1, nodes.Count + 2, MissingLeft: true, 0, 1, 1));
            nodes.Add(new(0, 0, -1, -1, -1, false, (step - 1) / 10.0, 1, 0));
        }
        nodes.Add(new(0, 0, -1, -1, -1, false, 0.9, 1, 0));
        var trees = new TreeEnsemble(Objective.Squared, [0], [new Tree(nodes.ToImmutable(), [])], [default]);
        return new(5, "bought", Artefact.Write(new([new("price", ColumnKind.Number, [])], trees)));
    }

    /// <summary>Candidates <c>c0</c>, <c>c1</c>… with these prices.</summary>
    public static byte[] Priced(params double[] prices) => Encoding.UTF8.GetBytes(
        "[" + string.Join(',', prices.Select((p, i) => FormattableString.Invariant($$$"""{"id":"c{{{i}}}","features":{"price":{{{p}}},"brand":"b{{{i % 3}}}"}}"""))) + "]");

    public static Decision Decide(ServingSnapshot snapshot, string id, byte[] candidates, DecisionWorkspace workspace, string unit = "u") => DecisionEngine.Decide(
        snapshot, snapshot.Points[0], new(Encoding.UTF8.GetBytes(unit), Encoding.UTF8.GetBytes(id), """{"country":"NL"}"""u8, candidates), workspace);

    public static string IdAt(this DecisionWorkspace workspace, int place) => Encoding.UTF8.GetString(workspace.Candidates.Id(workspace.Candidates.Order[place]));
}
