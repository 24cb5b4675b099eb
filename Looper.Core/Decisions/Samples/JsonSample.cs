using System.Text;
using System.Text.Json;

namespace Looper.Core.Decisions.Samples;

/// <summary>Reads JSON: an object, an array of objects, or one object after the other. Whole decide requests give their context.</summary>
internal static class JsonSample
{
    private const int MaxLevels = 3;

    public static Answered<SampleTable> Read(string text, string format, bool ofCandidates, string subject = "Sample")
    {
        var bytes = Encoding.UTF8.GetBytes(text.TrimStart('\uFEFF'));
        var reader = new Utf8JsonReader(bytes, new JsonReaderOptions { AllowMultipleValues = true, MaxDepth = 64 });
        var table = new SampleTable(format) { OfCandidates = ofCandidates };
        var values = 0;
        try
        {
            while (reader.Read())
            {
                values++;
                var start = (int)reader.TokenStartIndex;
                using var value = JsonDocument.ParseValue(ref reader);
                if (!AddTo(table, value.RootElement)) return NotAnObject(bytes, start);
            }
        }
        catch (JsonException fault)
        {
            return NotJson(subject, bytes, fault);
        }
        catch (InvalidOperationException) // how the reader tells of it
        {
            return SampleTexts.HalfCharacter(subject);
        }
        if (table.Rows == 0) return SampleTexts.Empty();
        return values > 1 && format == "JSON" ? Renamed(table, "JSON lines") : table;
    }

    private static SampleTable Renamed(SampleTable table, string format)
    {
        var renamed = new SampleTable(format) { Rows = table.Rows };
        renamed.Columns.AddRange(table.Columns);
        return renamed;
    }

    private static bool AddTo(SampleTable table, JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.Array)
        {
            foreach (var item in value.EnumerateArray())
                if (item.ValueKind != JsonValueKind.Object || !AddTo(table, item)) return false;
            return true;
        }
        if (value.ValueKind != JsonValueKind.Object) return false;
        if (value.TryGetProperty("items", out var items) && items.ValueKind == JsonValueKind.Array && value.EnumerateObject().Count() == 1) return AddTo(table, items);
        var isRequest = value.TryGetProperty("decisionPoint", out _) && value.TryGetProperty("context", out var context) && context.ValueKind == JsonValueKind.Object;
        if (table.OfCandidates) return AddCandidates(table, value);
        Flatten(table, isRequest ? value.GetProperty("context") : value, "", 1);
        table.Rows++;
        return true;
    }

    /// <summary>Candidates of a request, a candidate with its features, or the features of one.</summary>
    private static bool AddCandidates(SampleTable table, JsonElement value)
    {
        if (value.TryGetProperty("candidates", out var all) && all.ValueKind == JsonValueKind.Array) return AddTo(table, all);
        var isCandidate = value.TryGetProperty("features", out var features) && features.ValueKind == JsonValueKind.Object;
        Flatten(table, isCandidate ? features : value, "", 1);
        table.Rows++;
        return true;
    }

    private static void Flatten(SampleTable table, JsonElement element, string prefix, int level)
    {
        foreach (var property in element.EnumerateObject())
        {
            var name = prefix + property.Name;
            switch (property.Value.ValueKind)
            {
                case JsonValueKind.Object when level < MaxLevels:
                    Flatten(table, property.Value, name + ".", level + 1);
                    break;
                case JsonValueKind.Object:
                    table.Add(name, CellKind.TooDeep, "");
                    break;
                case JsonValueKind.Array:
                    table.Add(name, SampledList.KindOf(property.Value), property.Value.GetRawText());
                    break;
                case JsonValueKind.Number:
                    table.Add(name, CellKind.Number, property.Value.GetRawText());
                    break;
                case JsonValueKind.True or JsonValueKind.False:
                    table.Add(name, CellKind.Boolean, property.Value.GetRawText());
                    break;
                case JsonValueKind.String when property.Value.GetString() is { Length: > 0 } text:
                    table.Add(name, CellKind.Text, text);
                    break;
                default:
                    table.AddMissing(name);
                    break;
            }
        }
    }

    private static Refusal NotJson(string subject, byte[] bytes, JsonException fault)
    {
        var line = fault.LineNumber ?? 0;
        var lines = 0L;
        var start = 0;
        for (var i = 0; i < bytes.Length && lines < line; i++)
            if (bytes[i] == '\n') (lines, start) = (lines + 1, i + 1);
        var length = (int)Math.Min(fault.BytePositionInLine ?? 0, bytes.Length - start);
        var column = Encoding.UTF8.GetCharCount(bytes, start, length) + 1;
        return SampleTexts.NotJson(subject, line + 1, column, What(fault.Message, start + length < bytes.Length ? (char)bytes[start + length] : '\0'));
    }

    private static Refusal NotAnObject(byte[] bytes, int at)
    {
        var before = Encoding.UTF8.GetString(bytes, 0, at);
        return SampleTexts.NotAnObject(before.Count(c => c == '\n') + 1, at - before.LastIndexOf('\n'));
    }

    /// <summary>The reader's message in words of the person who pasted.</summary>
    private static string What(string message, char at) => message switch
    {
        _ when message.Contains("after a value", StringComparison.Ordinal) => "a comma or `}` is missing",
        _ when message.Contains("after a property name", StringComparison.Ordinal) || message.Contains("Expected a ':'", StringComparison.Ordinal) => "a colon is missing after the name",
        _ when message.Contains("trailing comma", StringComparison.Ordinal) => "there is a comma too many",
        _ when message.Contains("start of a property name", StringComparison.Ordinal) => at == '\'' ? "names need double quotes" : "a name in double quotes is expected",
        _ when message.Contains("end of string", StringComparison.Ordinal) || message.Contains("within a JSON string", StringComparison.Ordinal) => "a text is not closed by a double quote",
        _ when message.Contains("maximum configured depth", StringComparison.Ordinal) => "it is nested too deeply",
        _ when at == '\0' => "it ends too early, a `}` or `]` is missing",
        _ when at == '\'' => "texts need double quotes",
        _ => "a value is not written as JSON writes it",
    };
}
