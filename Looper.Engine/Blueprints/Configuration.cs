using System.Buffers;
using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Looper.Core.Blueprints;

/// <summary>The answer of a <c>configuration</c> decision: a value for every parameter. Blueprints and arms hold it as the text of a JSON
/// object; equal values give equal text.</summary>
public sealed class Configuration : IEquatable<Configuration>
{
    private static readonly JsonWriterOptions s_writing = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly JsonDocumentOptions s_reading = new() { AllowDuplicateProperties = false, MaxDepth = 2 };

    private Configuration(ImmutableSortedDictionary<string, ConfigurationValue> values, byte[] utf8) => (Values, Utf8, Text) = (values, utf8, Encoding.UTF8.GetString(utf8));

    /// <summary>JSON, the parameters in the blueprint's order.</summary>
    public string Text { get; }

    public ReadOnlyMemory<byte> Utf8 { get; }

    public ImmutableSortedDictionary<string, ConfigurationValue> Values { get; }

    /// <summary>Null when the text is no object with one allowed value for every parameter; then <paramref name="why"/> says what is wrong.</summary>
    public static Configuration? Parse(string? text, ImmutableArray<ConfigurationParameter> parameters, out string? why)
    {
        if (Read(text) is not { } sent)
        {
            why = "it is no JSON object of numbers and words, each named once";
            return null;
        }
        return Of(sent, parameters, out why);
    }

    /// <inheritdoc cref="Parse"/>
    public static Configuration? Of(IReadOnlyDictionary<string, ConfigurationValue> values, ImmutableArray<ConfigurationParameter> parameters, out string? why)
    {
        why = values.Keys.FirstOrDefault(name => parameters.All(p => p.Name != name)) is { } unknown ? $"there is no parameter `{unknown}`"
            : parameters.FirstOrDefault(p => !values.ContainsKey(p.Name)) is { } missing ? $"`{missing.Name}` is missing"
            : parameters.Select(p => p.Fault(values[p.Name])).FirstOrDefault(fault => fault is not null);
        return why is null ? new(values.ToImmutableSortedDictionary(StringComparer.Ordinal), Write(values, parameters)) : null;
    }

    /// <summary>The values in a text, whatever parameters there are; null when it is no object of numbers and words.</summary>
    public static ImmutableSortedDictionary<string, ConfigurationValue>? Read(string? text)
    {
        try
        {
            using var json = JsonDocument.Parse(text ?? "", s_reading);
            if (json.RootElement.ValueKind != JsonValueKind.Object) return null;
            var values = ImmutableSortedDictionary.CreateBuilder<string, ConfigurationValue>(StringComparer.Ordinal);
            foreach (var property in json.RootElement.EnumerateObject())
            {
                if (property.Value.ValueKind == JsonValueKind.String) values[property.Name] = ConfigurationValue.Of(property.Value.GetString()!);
                else if (property.Value.ValueKind == JsonValueKind.Number && property.Value.TryGetDouble(out var number) && double.IsFinite(number)) values[property.Name] = new(number);
                else return null;
            }
            return values.ToImmutable();
        }
        catch (Exception fault) when (fault is JsonException or InvalidOperationException) // the latter: a lone surrogate
        {
            return null;
        }
    }

    /// <summary>For people: <c>threshold = 0.25, mode = calm</c>. Any other text stays as it is.</summary>
    public static string InWords(string text) => text.StartsWith('{') && Read(text) is { Count: > 0 } values
        ? string.Join(", ", values.Select(v => $"{v.Key} = {v.Value.Word ?? v.Value.Number.ToString("0.######", CultureInfo.InvariantCulture)}")) : text;

    public bool Equals(Configuration? other) => other is not null && other.Text == Text;

    public override bool Equals(object? obj) => Equals(obj as Configuration);

    public override int GetHashCode() => Text.GetHashCode(StringComparison.Ordinal);

    public override string ToString() => Text;

    private static byte[] Write(IReadOnlyDictionary<string, ConfigurationValue> values, ImmutableArray<ConfigurationParameter> parameters)
    {
        var bytes = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(bytes, s_writing))
        {
            json.WriteStartObject();
            foreach (var parameter in parameters)
            {
                if (values[parameter.Name].Word is { } word) json.WriteString(parameter.Name, word);
                else json.WriteNumber(parameter.Name, values[parameter.Name].Number);
            }
            json.WriteEndObject();
        }
        return bytes.WrittenSpan.ToArray();
    }
}
