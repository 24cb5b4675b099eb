using System.Collections.Immutable;
using System.Text;
using Looper.Core.Blueprints;

namespace Looper.Core.Serving;

/// <summary>An if/else rule compiled for a blueprint's features: from a row as served to an option, without allocating.</summary>
internal sealed class TreeRule
{
    private readonly Node[] _nodes;

    private TreeRule(Node[] nodes) => _nodes = nodes;

    // a leaf has Feature −1 and its option in Then
    private readonly record struct Node(int Feature, double AtMost, ServedKind Flag, byte[]? Text, int Then, int Else)
    {
        /// <summary>Of tags: the text must not be among them.</summary>
        public bool Lacks { get; init; }
    }

    public static Answered<TreeRule> Compile(RuleNode root, ImmutableArray<Feature> features, IReadOnlyList<string> options)
    {
        var nodes = new List<Node>();
        return Add(root, "policy.root", 0, nodes, features, [.. options]) is { } fault ? fault : new TreeRule([.. nodes]);
    }

    /// <summary>The option for a row.</summary>
    public int OptionOf(ReadOnlySpan<byte> served)
    {
        var at = 0;
        while (_nodes[at].Feature >= 0) at = Holds(_nodes[at], served) ? _nodes[at].Then : _nodes[at].Else;
        return _nodes[at].Then;
    }

    private static bool Holds(in Node node, ReadOnlySpan<byte> served)
    {
        var reader = new ServedRowReader(served);
        for (var f = 0; f <= node.Feature; f++) if (!reader.Read()) return false;
        return reader.Kind switch
        {
            ServedKind.Number => reader.Number <= node.AtMost,
            ServedKind.Text => node.Text is not null && reader.Text.SequenceEqual(node.Text),
            ServedKind.True or ServedKind.False => reader.Kind == node.Flag,
            ServedKind.Tags => node.Text is { } tag ? TagReader.Contains(reader.Packed, tag) != node.Lacks : TagReader.Count(reader.Packed) <= node.AtMost,
            _ => false,
        };
    }

    private static Refusal? Add(RuleNode? node, string field, int depth, List<Node> nodes, ImmutableArray<Feature> features, List<string> options)
    {
        if (node is null) return Bad(field, "this branch is empty. Give it a condition or an option");
        if (depth > RuleNode.MostDepth) return Bad(field, $"the rule is deeper than {RuleNode.MostDepth} conditions. Shorten it");
        var own = nodes.Count;
        nodes.Add(default);
        if (node.Option is { } option)
        {
            if (node.Feature is not null || node.Then is not null || node.Else is not null) return Bad(field, "an option ends the rule, so it has no condition. Keep one of the two");
            var index = options.IndexOf(option);
            if (index < 0) return Bad($"{field}.option", $"there is no option '{option}'. Name one of {string.Join(", ", options)}");
            nodes[own] = new(-1, 0, default, null, index, 0);
            return null;
        }
        var feature = features.Select((f, k) => (f, k)).FirstOrDefault(f => f.f.Name == node.Feature, (null!, -1));
        if (feature.Item2 < 0) return Bad($"{field}.feature", $"there is no feature '{node.Feature}'. Name one that is sent");
        if (Test(node, feature.Item1.Kind) is not { } test)
        {
            return Bad(field, $"'{node.Feature}' is {feature.Item1.Kind switch
            {
                FeatureKind.Number => "a number. Compare it by atMost alone",
                FeatureKind.Boolean => "yes or no. Compare it by is: true or false",
                FeatureKind.Tags => "tags. Ask by contains, lacks, or atMost for their number, one of these alone",
                FeatureKind.Vector => "a vector, of which no condition can be read. Ask for another feature",
                FeatureKind.Time => "a time, of which no value comes again. Ask for a part of it, derived as a feature of its own",
                _ => "a category. Compare it by is alone",
            }}");
        }
        var then = nodes.Count;
        if (Add(node.Then, field + ".then", depth + 1, nodes, features, options) is { } left) return left;
        nodes[own] = test with { Feature = feature.Item2, Then = then, Else = nodes.Count };
        return Add(node.Else, field + ".else", depth + 1, nodes, features, options);
    }

    private static Node? Test(RuleNode node, FeatureKind kind) => (kind, node) switch
    {
        (not FeatureKind.Tags, not { Contains: null, Lacks: null }) => null,
        (FeatureKind.Tags, { AtMost: null, Is: null, Contains: { Length: > 0 } tag, Lacks: null }) => new(0, double.NaN, default, Encoding.UTF8.GetBytes(tag), 0, 0),
        (FeatureKind.Tags, { AtMost: null, Is: null, Contains: null, Lacks: { Length: > 0 } tag }) => new(0, double.NaN, default, Encoding.UTF8.GetBytes(tag), 0, 0) { Lacks = true },
        (FeatureKind.Number or FeatureKind.Tags, { AtMost: { } cut, Is: null, Contains: null, Lacks: null }) when double.IsFinite(cut) => new(0, cut, default, null, 0, 0),
        (FeatureKind.Boolean, { AtMost: null, Is: "true" }) => new(0, double.NaN, ServedKind.True, null, 0, 0),
        (FeatureKind.Boolean, { AtMost: null, Is: "false" }) => new(0, double.NaN, ServedKind.False, null, 0, 0),
        (FeatureKind.Category, { AtMost: null, Is: { } text }) => new(0, double.NaN, default, Encoding.UTF8.GetBytes(text), 0, 0),
        _ => null,
    };

    private static Refusal Bad(string field, string why) => new("policy.invalid", $"{field}: {why}.", field);
}
