using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Looper.Core.Blueprints;

/// <summary>The one way a <see cref="BlueprintContent"/> becomes text and comes back. Properties stand in declaration order and
/// nulls are written, so equal content gives equal bytes and equal hashes.</summary>
public static class BlueprintJson
{
    /// <summary>Strict: unknown fields, duplicate keys, comments and more than 16 levels are refused.</summary>
    public static JsonSerializerOptions Options { get; } = Make();

    /// <summary>Canonical JSON: no white space, declaration order, every property present.</summary>
    public static string Write(BlueprintContent content) => JsonSerializer.Serialize(content, Options);

    /// <summary>SHA-256 of canonical JSON, lower-case hex.</summary>
    public static string Hash(string canonical) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(canonical)));

    /// <summary>Content that a person or another program wrote: a fault is answered with the field's path.</summary>
    public static Answered<BlueprintContent> Read(string json)
    {
        try
        {
            return JsonSerializer.Deserialize<BlueprintContent>(json, Options) is { } content
                ? content
                : new Refusal("blueprint.malformed", "Blueprint: it is empty. Send an object with at least `shape` and `default`.");
        }
        catch (JsonException fault)
        {
            return Malformed(fault);
        }
    }

    /// <summary>Content that Looper itself stored.</summary>
    /// <exception cref="JsonException">The stored text is not a blueprint of this version of Looper.</exception>
    public static BlueprintContent Stored(string json) =>
        JsonSerializer.Deserialize<BlueprintContent>(json, Options) ?? throw new JsonException("The stored blueprint is empty.");

    /// <summary>The same for whoever goes on without it: null for a text that a later Looper wrote, or that is damaged.</summary>
    public static BlueprintContent? Readable(string json)
    {
        try
        {
            return Stored(json);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>The same with its options written out: a yes-or-no decision may be stored without them, and its decisions name them by index all the same.</summary>
    /// <inheritdoc cref="Stored"/>
    public static BlueprintContent Served(string json) => WithOptions(Stored(json));

    internal static BlueprintContent WithOptions(BlueprintContent stored) =>
        stored is { Shape: DecisionShape.Binary, Options.IsEmpty: true } ? stored with { Options = [new("false"), new("true")] } : stored;

    /// <summary>Path of the field (<c>outcomes[1].window</c>) and what is wrong there, from what the reader said.</summary>
    /// <param name="whole">What the text is of, for a fault of no field.</param>
    public static Refusal Malformed(JsonException fault, string whole = "Blueprint")
    {
        ArgumentNullException.ThrowIfNull(fault);
        var path = fault.Path is { Length: > 2 } p ? p[2..] : null;
        var reason = fault.Message switch
        {
            var message when message.Contains("could not be mapped", StringComparison.Ordinal) => "there is no such field. Remove it, or correct its name.",
            var message when message.Contains("missing required", StringComparison.Ordinal) => $"it lacks {Missing(message)}. Give a value.",
            var message when message.Contains("setting null", StringComparison.Ordinal) => "it is `null`. Give a value, or leave it out.",
            var message => "the value cannot be read as this field. " + Shortly(message),
        };
        return new("blueprint.malformed", $"{path ?? whole}: {reason}", path);
    }

    // "… was missing required properties including: 'a', 'b'."
    private static string Missing(string message) => string.Join(", ", message[message.LastIndexOf(':')..].Split('\'').Where((_, i) => i % 2 == 1).Select(name => $"`{name}`"));

    private static string Shortly(string message) => message.Split(" Path:")[0].Replace("Looper.Core.Blueprints.", "", StringComparison.Ordinal);

    private static JsonSerializerOptions Make()
    {
        var options = new JsonSerializerOptions(JsonSerializerDefaults.Web)
        {
            AllowDuplicateProperties = false,
            AllowOutOfOrderMetadataProperties = true,
            Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
            MaxDepth = 32, // a rule of eight conditions, and the description of one that holds itself
            NumberHandling = JsonNumberHandling.Strict,
            PropertyNameCaseInsensitive = false,
            RespectNullableAnnotations = true,
            UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
            Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase, allowIntegerValues: false), new DurationJson() },
        };
        options.MakeReadOnly(populateMissingResolver: true);
        return options;
    }
}
