using System.Collections.Immutable;
using Looper.Core.Blueprints;
using Looper.Core.Causal;
using Looper.Core.Personalization;
using Looper.Core.Serving;
using Looper.Core.Tests.Experiments;
using Looper.Core.Tests.Serving;

namespace Looper.Core.Tests.Personalization;

/// <summary>An empty text is a value of a category like any other, and not the same as none.</summary>
public sealed class EmptyLevelRulesTests
{
    private static readonly ImmutableArray<Feature> s_features = [new("country", FeatureKind.Category)];

    [Theory]
    [InlineData("""{"country":""}""", "none")]
    [InlineData("""{"country":"NL"}""", "ten-percent")]
    [InlineData("""{}""", "ten-percent")]
    public void A_rule_of_an_empty_category_reads_and_decides_as_its_tree_does(string context, string option)
    {
        var units = ShopEffects.Empty(ShopEffects.Plan(), content: ShopEffects.Content with { Features = s_features });
        string[] contexts = ["""{"country":""}""", """{"country":"NL"}""", """{}"""];
        foreach (var one in contexts) units.Add(Exposed.Unit(0, [1, 1], Served(one)));
        var columns = units.Columns(new double[contexts.Length]).Units;
        var texts = new FeatureTexts(columns.Columns, []);
        Assert.Equal(["country is (empty)", "country is not (empty)"], new[] { true, false }.Select(h => texts.Of(new SegmentCondition(0, 0, h))));

        var tree = new PolicyTree(-1, 0, 0, new PolicyTree(0), new PolicyTree(1));
        var rule = texts.Rule(tree, ["none", "ten-percent"]);
        Assert.Equal("if country is (empty) then none else ten-percent", rule.ToString());
        var row = new double[1];
        columns.CopyRow(Array.IndexOf(contexts, context), row);
        Assert.Equal(option, tree.ArmOf(row, columns) == 0 ? "none" : "ten-percent");
        Assert.Equal(option, Serve.Decide(Serve.Snapshot(Serve.Point(Serve.Banner(new TreePolicy(rule)) with { Features = s_features })), "u", context: context).Key());
    }

    private static byte[] Served(string context)
    {
        var workspace = new DecisionWorkspace();
        new ContextReader(s_features).Read(Serve.Utf8(context), workspace);
        return workspace.Served.ToArray();
    }
}
