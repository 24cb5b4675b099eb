using System.Collections.Immutable;
using Looper.Core.Blueprints;
using Looper.Core.Learning;
using Looper.Core.Learning.Trees;
using Looper.Core.Serving;
using Looper.Core.Serving.Candidates;
using Looper.Core.Tests.Serving;
using Looper.Core.Tests.Serving.Candidates;

namespace Looper.Core.Tests.Policies;

/// <summary>A draft asked about logged contexts answers as it would if it served.</summary>
public class LoggedContextsTests
{
    private static readonly RuleNode s_rule = new() { Feature = "country", Is = "NL", Then = new() { Option = "free-shipping" }, Else = new() { Option = "ten-percent" } };
    private static readonly ImmutableArray<string> s_options = ["none", "ten-percent", "free-shipping"];

    [Fact]
    public void The_distribution_of_a_logged_context_is_the_one_that_serving_draws_from()
    {
        var content = Serve.Banner(new SoftmaxPolicy(0.2));
        var model = Serve.Model("purchase", s_options, [0.1, 0.5, 0.3]);
        var snapshot = Serve.Snapshot(Serve.Point(content) with { Models = [model] });
        var policy = LoggedContexts.Compile(content, [model]).Value!;
        var workspace = new DecisionWorkspace();
        foreach (var context in new[] { """{"country":"NL","cartValue":3}""", """{"isMember":true}""", "{}" })
        {
            Serve.Decide(snapshot, "u", context: context, workspace: workspace);
            var (served, expected) = (workspace.Served.ToArray(), workspace.Probabilities.ToArray());
            var probabilities = new double[3];
            Assert.Equal(1, policy.Distribute(1, content.Features, served, probabilities));
            Assert.Equal(expected, probabilities);
        }
        Assert.Equal(3, policy.ModelNumber);
    }

    [Fact] // the log had the features in another order and knew no bucket: it is derived from what was sent
    public void A_row_of_another_version_is_read_by_name_and_derived_where_it_can_be()
    {
        ImmutableArray<Feature> then = [new("isMember", FeatureKind.Boolean), new("cartValue", FeatureKind.Number), new("gone", FeatureKind.Number)];
        ImmutableArray<Feature> now = [new("cartValue", FeatureKind.Number), new("size", FeatureKind.Category) { Derived = new BucketDerivation("cartValue", [10, 50]) }, new("added", FeatureKind.Number)];
        var content = Serve.Banner() with { Features = now, Policy = new BestPolicy() };
        var byBucket = ByBucket();
        var policy = LoggedContexts.Compile(content, [byBucket]).Value!;
        var reader = new ContextReader(then);
        var (workspace, probabilities) = (new DecisionWorkspace(), new double[3]);
        reader.Read("""{"isMember":true,"cartValue":70,"gone":1}"""u8, workspace);
        policy.Distribute(1, then, workspace.Served, probabilities);
        Assert.Equal([0, 0, 1.0], probabilities);
        reader.Read("""{"isMember":true,"cartValue":7,"gone":1}"""u8, workspace);
        policy.Distribute(1, then, workspace.Served, probabilities);
        Assert.Equal([1.0, 0, 0], probabilities);
    }

    [Fact] // before any row is read: which decisions are read depends on it
    public void The_model_that_is_followed_is_known_at_once_and_is_none_where_none_is_asked()
    {
        int Of(PolicySpec policy, params ModelSource[] models) => LoggedContexts.Compile(Serve.Banner(policy), models).Value!.ModelNumber;
        int OfCandidates(PolicySpec policy, params ModelSource[] models) => LoggedCandidates.Compile(Offers.Pick(policy), models).Value!.ModelNumber;
        var (banners, offers) = (Serve.Model("purchase", s_options, [0.1, 0.5, 0.3]), Offers.Model());
        Assert.Equal([3, offers.Number], [Of(new BestPolicy(), banners), OfCandidates(new BestPolicy(), offers)]);
        Assert.Equal([0, 0, 0], [Of(new BestPolicy()), Of(new RandomPolicy(), banners), Of(new BanditPolicy(), banners)]);
        Assert.Equal([0, 0, 0], [OfCandidates(new BestPolicy()), OfCandidates(new RandomPolicy(), offers), OfCandidates(new BanditPolicy(), offers)]);
    }

    [Fact]
    public void What_could_not_serve_is_refused_with_its_reason()
    {
        Assert.Equal("policy.option", LoggedContexts.Compile(Serve.Banner(new FixedPolicy("colour")), []).Refusal!.Field);
        Assert.Equal("policy-value.no-options", LoggedContexts.Compile(Serve.Banner() with { Shape = DecisionShape.Value, Options = [], Default = "1" }, []).Refusal!.Code);
    }

    [Theory]
    [InlineData(0.3, 0.1)]
    [InlineData(0, 0)]
    public void The_floor_of_a_policy_is_its_least_probability(double epsilon, double floor)
    {
        Assert.Equal(floor, PolicyFloor.Of(new EpsilonGreedyPolicy(epsilon), 3), 1e-12);
        Assert.Equal(floor, PolicyFloor.Of(new TreePolicy(s_rule) { Explore = epsilon }, 3), 1e-12);
    }

    [Fact] // no model: the rule reads the row that another version logged
    public void An_if_else_rule_is_asked_with_the_rows_of_another_version()
    {
        ImmutableArray<Feature> then = [new("isMember", FeatureKind.Boolean), new("country", FeatureKind.Category)];
        var policy = LoggedContexts.Compile(Serve.Banner(new TreePolicy(s_rule) { Explore = 0.3 }), []).Value!;
        var (reader, workspace, probabilities) = (new ContextReader(then), new DecisionWorkspace(), new double[3]);
        reader.Read("""{"isMember":true,"country":"NL"}"""u8, workspace);
        Assert.Equal(2, policy.Distribute(1, then, workspace.Served, probabilities));
        Assert.Equal([0.1, 0.1, 0.8], probabilities.Select(p => Math.Round(p, 12)));
        reader.Read("""{"isMember":true}"""u8, workspace);
        Assert.Equal(1, policy.Distribute(1, then, workspace.Served, probabilities));
        Assert.Equal(["cartValue", "device.os"], policy.NeverSeen);
    }

    /// <summary>Free shipping where the cart is 50 and up, else none.</summary>
    private static ModelSource ByBucket()
    {
        TreeNode Leaf(double value) => new(0, 0, -1, -1, -1, false, value, 1, 0);
        // @option is free-shipping? (category set 0) then by size, else 0.5 for none and 0 for ten-percent
        ImmutableArray<TreeNode> nodes =
        [
            new(0, 0, 0, 1, 4, false, 0, 1, 1), new(1, 0, 1, 2, 3, false, 0, 1, 1), Leaf(0.9), Leaf(0.1),
            new(0, 0, 2, 5, 6, false, 0, 1, 1), Leaf(0.5), Leaf(0),
        ];
        ImmutableArray<ulong> sets = [1UL << 2, 0, 0, 0, 1UL << 0, 0, 0, 0, 1UL << 0, 0, 0, 0];
        var trees = new TreeEnsemble(Objective.Squared, [0], [new Tree(nodes, sets)], [[0, 1, 2], [0]]);
        return new(5, "purchase", Artefact.Write(new(
            [new(ModelEncoder.OptionColumn, ColumnKind.Category, s_options), new("size", ColumnKind.Category, ["50 and up"])], trees)));
    }
}
