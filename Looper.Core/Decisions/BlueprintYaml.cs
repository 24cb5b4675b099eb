using System.Globalization;
using System.Text.Json;
using Looper.Core.Blueprints;
using Looper.Core.Decisions.AsCode;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Looper.Core.Decisions;

/// <summary>A blueprint as YAML for people and repositories: the canonical JSON, field by field, without what is empty.</summary>
public static class BlueprintYaml
{
    private const string TooMany = "# This file has more than 10,000 values, so it cannot be planned or applied as it is. Export fewer decision points at once:\n"
        + "# `?decisionPoint=KEY` at the address, `--decision-point KEY` of the command, each as often as needed.\n";

    private const string DocumentEnd = "\n...\n";

    public static string Write(BlueprintContent content) => Text(Node(content));

    /// <summary>The export of one version: a head that says whose it is, then the content.</summary>
    public static string Export(string key, int version, string hash, BlueprintContent content) =>
        "# Looper blueprint. The hash is SHA-256 of the canonical JSON.\n" + Text(Entry(key, null, null, version, hash, content));

    /// <summary>The current versions of several decision points, each as <see cref="Export"/> has it, with what it is called.</summary>
    /// <param name="leftOut">Why one is not in it, a sentence each.</param>
    internal static string ExportAll(IEnumerable<(DecisionPoint Point, Blueprint Current, BlueprintContent Content)> points, IEnumerable<string> leftOut)
    {
        var root = new YamlMappingNode("decisionPoints", new YamlSequenceNode(points.Select(p => Entry(p.Point.Key, p.Point.Name, p.Point.Description, p.Current.Version, p.Current.Hash, p.Content))));
        return "# Looper: decision points as code. The command `plan FILE` says what this file would change, `apply FILE` does it.\n"
            + "# `version` and `hash` say what an entry was exported from: it replaces that version, and no newer one of somebody else's.\n"
            + (root.AllNodes.Skip(YamlReader.MaxParts).Any() ? TooMany : "")
            + string.Concat(leftOut.Select(why => $"# Left out: {why}\n"))
            + Text(root);
    }

    private static YamlMappingNode Entry(string key, string? name, string? description, int version, string hash, BlueprintContent content)
    {
        var entry = new YamlMappingNode { { "decisionPoint", Scalar(key) } };
        if (name is not null) entry.Add("name", Scalar(name));
        if (description is not null) entry.Add("description", Scalar(description));
        entry.Add("version", version.ToString(CultureInfo.InvariantCulture));
        entry.Add("hash", new YamlText(0, 0, hash, IsQuoted: false).IsText ? new YamlScalarNode(hash) : Scalar(hash)); // one that is all digits would be read as a number
        entry.Add("blueprint", Node(content));
        return entry;
    }

    private static string Text(YamlNode node)
    {
        using var text = new StringWriter(CultureInfo.InvariantCulture) { NewLine = "\n" };
        new YamlStream(new YamlDocument(node)).Save(text, assignAnchors: false);
        var yaml = text.ToString().Replace("\r\n", "\n", StringComparison.Ordinal);
        return yaml.EndsWith(DocumentEnd, StringComparison.Ordinal) ? yaml[..^(DocumentEnd.Length - 1)] : yaml; // its first character ends the line before
    }

    private static YamlNode Node(BlueprintContent content)
    {
        using var json = JsonDocument.Parse(BlueprintJson.Write(content));
        return Node(json.RootElement);
    }

    private static YamlScalarNode Scalar(string text) => new(text) { Style = Plain(text) ? ScalarStyle.Plain : ScalarStyle.DoubleQuoted };

    private static YamlNode Node(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => new YamlMappingNode(element.EnumerateObject().Where(p => !IsEmpty(p))
            .SelectMany(p => (YamlNode[])[new YamlScalarNode(p.Name), Node(p.Value)])),
        JsonValueKind.Array => new YamlSequenceNode(element.EnumerateArray().Select(Node)),
        JsonValueKind.String => Scalar(element.GetString()!),
        JsonValueKind.Null => new YamlScalarNode("null"),
        _ => new YamlScalarNode(element.GetRawText()),
    };

    /// <summary>An outcome's <c>absent</c> and the plan's <c>retrainEvery</c> mean something when null; other nulls and empty lists do not.</summary>
    private static bool IsEmpty(JsonProperty property) => property.Value.ValueKind switch
    {
        JsonValueKind.Null => property.Name is not ("absent" or "retrainEvery"),
        JsonValueKind.Array => property.Value.GetArrayLength() == 0,
        _ => false,
    };

    private static bool Plain(string text) => text.Length > 0 && char.IsAsciiLetter(text[0])
        && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.')
        && text.ToLowerInvariant() is not ("true" or "false" or "null" or "yes" or "no" or "on" or "off" or "y" or "n");
}
