using System.Collections.Immutable;
using Looper.Core.Blueprints;
using Looper.Core.Causal;
using Looper.Core.Learning;
using Looper.Core.Personalization;
using Looper.Core.Policies;
using Looper.Core.Serving;
using Looper.Core.Tests.Experiments;
using Looper.Core.Tests.Serving;

namespace Looper.Core.Tests.Personalization;

public sealed class TagRulesTests
{
    private static readonly ImmutableArray<Feature> Features = [new("interests", FeatureKind.Tags), new("embedding", FeatureKind.Vector) { Dimension = 2 }, new("cart", FeatureKind.Number)];

    private static readonly string[] Contexts =
    [
        """{"interests":["sport"],"cart":5}""", """{"interests":["news"],"embedding":[1,2],"cart":5}""", """{"interests":[],"cart":90}""", """{"cart":7}""", """{"interests":["news","sport"]}""",
    ];

    private static (DataSet Units, ImmutableArray<LeftOutFeature> LeftOut) Columns()
    {
        var plan = ShopEffects.Plan();
        var units = ShopEffects.Empty(plan, content: ShopEffects.Content with { Features = Features });
        foreach (var context in Contexts) units.Add(Exposed.Unit(0, [1, 1], Served(context)));
        return units.Columns(new double[Contexts.Length]);
    }

    [Fact]
    public void Tags_tell_units_apart_one_by_one_and_a_vector_is_left_out_with_the_reason()
    {
        var (units, left) = Columns();
        Assert.Equal(["interests", "interests[news]", "interests[sport]", "cart"], units.Columns.Select(c => c.Name));
        Assert.Equal([0, 1, 0, double.NaN, 1], units.Values[1]);
        Assert.Equal([("embedding", "no rule can be read from the numbers of a vector")], left.Select(l => (l.Name, l.Why)));
    }

    [Theory, InlineData(2, 0.0, "interests does not contain sport", "interests contains sport or is missing"), InlineData(0, 1.0, "interests is at most 1", "interests is above 1 or missing")]
    [InlineData(2, 1.0, "interests is known", "interests is missing")]
    public void A_rule_of_tags_reads_and_decides_as_its_tree_does(int column, double cut, string holds, string not)
    {
        var units = Columns().Units;
        var texts = new FeatureTexts(units.Columns, []);
        Assert.Equal([holds, not], new[] { true, false }.Select(h => texts.Of(new SegmentCondition(column, cut, h))));
        var tree = new PolicyTree(-1, column, cut, new PolicyTree(0), new PolicyTree(1));
        var rule = texts.Rule(tree, ["none", "ten-percent"]);
        Assert.Equal("interests", rule.Feature);
        var snapshot = Serve.Snapshot(Serve.Point(Serve.Banner(new TreePolicy(rule)) with { Features = Features }));
        var row = new double[units.Columns.Length];
        for (var i = 0; i < Contexts.Length; i++)
        {
            units.CopyRow(i, row);
            Assert.Equal(tree.ArmOf(row, units) == 0 ? "none" : "ten-percent", Serve.Decide(snapshot, $"u{i}", context: Contexts[i]).Key());
        }
    }

    [Fact]
    public void Who_would_be_treated_is_shown_by_tag_and_never_by_a_number_of_a_vector()
    {
        ImmutableArray<Column> columns = [new("interests", ColumnKind.Number, []), new("interests[sport]", ColumnKind.Number, []), new("embedding[0]", ColumnKind.Number, [])];
        double[] sport = [.. Enumerable.Range(0, 200).Select(i => (double)(i % 2))];
        var shares = GroupShares.Of(
            new(columns, [[.. sport.Select(_ => 2.0)], sport, sport], new double[200]), new int[200], [.. sport.SelectMany(s => (double[])[1 - s, s])], ["none", "ten-percent"], Features);
        Assert.Equal([("interests[sport]", "no", 0.0), ("interests[sport]", "yes", 1.0)], shares.Select(s => (s.Feature, s.Group, Math.Round(s.Options[1].Policy, 12))));
    }

    private static byte[] Served(string context)
    {
        var workspace = new DecisionWorkspace();
        new ContextReader(Features).Read(Serve.Utf8(context), workspace);
        return workspace.Served.ToArray();
    }
}
