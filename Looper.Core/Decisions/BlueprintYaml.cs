using System.Globalization;
using System.Text.Json;
using Looper.Core.Blueprints;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Looper.Core.Decisions;

/// <summary>A blueprint as YAML for people and repositories: the canonical JSON, field by field, without what is empty.</summary>
public static class BlueprintYaml
{
    public static string Write(BlueprintContent content)
    {
        using var json = JsonDocument.Parse(BlueprintJson.Write(content));
        using var text = new StringWriter(CultureInfo.InvariantCulture) { NewLine = "\n" };
        new YamlStream(new YamlDocument(Node(json.RootElement))).Save(text, assignAnchors: false);
        return text.ToString().Replace("\r\n", "\n", StringComparison.Ordinal).Replace("...\n", "", StringComparison.Ordinal);
    }

    /// <summary>The export: a head that says whose version this is, then the content.</summary>
    public static string Export(string key, int version, string hash, BlueprintContent content) =>
        $"# Looper blueprint. The hash is SHA-256 of the canonical JSON.\ndecisionPoint: {key}\nversion: {version}\nhash: {hash}\nblueprint:\n"
        + string.Concat(Write(content).TrimEnd('\n').Split('\n').Select(line => $"  {line}\n"));

    private static YamlNode Node(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => new YamlMappingNode(element.EnumerateObject().Where(p => !IsEmpty(p))
            .SelectMany(p => (YamlNode[])[new YamlScalarNode(p.Name), Node(p.Value)])),
        JsonValueKind.Array => new YamlSequenceNode(element.EnumerateArray().Select(Node)),
        JsonValueKind.String => new YamlScalarNode(element.GetString()) { Style = Plain(element.GetString()!) ? ScalarStyle.Plain : ScalarStyle.DoubleQuoted },
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
