using System.Buffers;
using System.Text;
using System.Text.Json;
using Looper.Core.Blueprints;
using Looper.Core.Serving;
using Looper.Core.Serving.Candidates;

namespace Looper.Web.Api.Personalizer;

/// <summary>A rank call as it came in, and the decide call that it becomes.</summary>
internal sealed class RankCall
{
    private readonly List<SentAction> _actions = [];
    private readonly HashSet<string> _excluded = new(StringComparer.Ordinal);
    private ReadOnlyMemory<byte> _context;
    private string? _unit;

    /// <summary>Empty where the caller left it to us.</summary>
    public string EventId { get; set; } = "";

    public IReadOnlyList<SentAction> Actions => _actions;

    public bool IsExcluded(SentAction action) => _excluded.Contains(action.Id);

    public static DataFault? Read(byte[] json, out RankCall call)
    {
        call = new();
        if (DataJson.CheckText(json) is { } unreadable) return unreadable;
        try
        {
            var reader = new Utf8JsonReader(json, DataJson.Options);
            reader.Read();
            if (reader.TokenType != JsonTokenType.StartObject) return new(422, "request.invalid", "A rank call is an object with actions, and contextFeatures where there are any.");
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                if (call.ReadField(ref reader, json) is { } fault) return fault;
            }
            reader.Read(); // nothing may follow
            return call._actions.Count == 0 ? DataFault.Invalid("actions", $"this is missing: send 1 to {CandidateSet.Max} of them, such as [{{\"id\":\"a\",\"features\":[{{\"price\":3}}]}}].") : call.ReadUnit();
        }
        catch (Exception fault) when (DataJson.IsBadInput(fault))
        {
            return DataJson.Malformed(fault);
        }
    }

    /// <summary>Null where this shape can answer the call.</summary>
    public DataFault? Unfit(string point, AnswerSet answers)
    {
        if (answers.IsPick) return _actions.TrueForAll(IsExcluded) ? DataFault.Invalid("excludedActions", "every action is excluded. Leave at least one.") : null;
        if (answers.Shape != DecisionShape.Choice)
            return new(422, "decision-point.shape", $"'{point}' neither picks from a list nor has fixed options, which is what a rank call needs. Use a decision point of the shape pick, or report and ask it by /v1.");
        return _actions.Count == answers.Options.Length && _actions.TrueForAll(a => answers.Options.Contains(a.Id) && !IsExcluded(a)) ? null
            : DataFault.Invalid("actions", $"'{point}' has fixed options and always chooses among all of them. Send exactly {string.Join(", ", answers.Options)}, exclude none, or use a decision point that picks from a list.");
    }

    /// <summary>The same as a call of <c>POST /v1/decisions</c>.</summary>
    /// <param name="withActions">False where the options are fixed.</param>
    public ReadOnlyMemory<byte> AsDecideCall(string point, bool withActions)
    {
        var bytes = new ArrayBufferWriter<byte>(1_024);
        using var json = new Utf8JsonWriter(bytes, new JsonWriterOptions { SkipValidation = true });
        json.WriteStartObject();
        json.WriteString("decisionPoint"u8, point);
        json.WriteString("unit"u8, _unit ?? EventId);
        json.WriteString("decisionId"u8, EventIds.DecisionId(point, EventId));
        WriteFeatures(json, "context"u8, _context);
        if (withActions)
        {
            json.WriteStartArray("candidates"u8);
            foreach (var action in _actions.Where(a => !IsExcluded(a)))
            {
                json.WriteStartObject();
                json.WriteString("id"u8, action.Id);
                WriteFeatures(json, "features"u8, action.Features);
                json.WriteEndObject();
            }
            json.WriteEndArray();
        }
        json.WriteEndObject();
        json.Flush();
        return bytes.WrittenMemory;
    }

    private static void WriteFeatures(Utf8JsonWriter json, ReadOnlySpan<byte> name, ReadOnlyMemory<byte> features)
    {
        if (features.IsEmpty) return;
        json.WritePropertyName(name);
        json.WriteRawValue(features.Span, skipInputValidation: true);
    }

    private DataFault? ReadField(ref Utf8JsonReader reader, byte[] json)
    {
        var field = reader.GetString();
        reader.Read();
        switch (field)
        {
            case "contextFeatures":
                return FeatureList.Read(ref reader, json, field, out _context);
            case "actions":
                return ReadActions(ref reader, json);
            case "excludedActions":
                return ReadExcluded(ref reader);
            case "eventId":
                if (reader.TokenType == JsonTokenType.Null) return null;
                var fault = DataJson.Text(ref reader, field, EventIds.Most, out var id);
                EventId = Encoding.UTF8.GetString(id);
                return fault;
            case "deferActivation":
                return reader.TokenType switch
                {
                    JsonTokenType.True => DataFault.Invalid(field, "Looper records a decision when it is answered, so one that may never be shown would count as shown. Call rank when the answer is used, and leave this out."),
                    JsonTokenType.False or JsonTokenType.Null => null,
                    _ => DataFault.Invalid(field, "this must be true or false."),
                };
            default:
                return DataJson.Skip(ref reader, "request", depth: 0);
        }
    }

    private DataFault? ReadActions(ref Utf8JsonReader reader, byte[] json)
    {
        _actions.Clear();
        if (reader.TokenType != JsonTokenType.StartArray) return DataFault.Invalid("actions", "this must be an array of actions, each with an id.");
        var places = new Dictionary<string, int>(StringComparer.Ordinal);
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (_actions.Count == CandidateSet.Max) return DataFault.Invalid("actions", $"these are more than {CandidateSet.Max}. Send those most likely to be wanted.");
            if (SentAction.Read(ref reader, json, _actions.Count, out var action) is { } fault) return fault;
            if (!places.TryAdd(action.Id, _actions.Count)) return DataFault.Invalid($"actions[{_actions.Count}].id", $"'{action.Id}' is the id of actions[{places[action.Id]}] too. Send each action once.");
            _actions.Add(action);
        }
        return null;
    }

    private DataFault? ReadExcluded(ref Utf8JsonReader reader)
    {
        _excluded.Clear();
        if (reader.TokenType == JsonTokenType.Null) return null;
        if (reader.TokenType != JsonTokenType.StartArray) return DataFault.Invalid("excludedActions", "this must be an array of ids of actions.");
        for (var i = 0; reader.Read() && reader.TokenType != JsonTokenType.EndArray; i++)
        {
            if (reader.TokenType != JsonTokenType.String) return DataFault.Invalid($"excludedActions[{i}]", "this must be the id of an action, a text.");
            _excluded.Add(reader.GetString()!);
        }
        return null;
    }

    // Personalizer knows no units. An app that says who is asking is taken at its word, whatever else is in its context.
    private DataFault? ReadUnit()
    {
        if (_context.IsEmpty) return null;
        var reader = new Utf8JsonReader(_context.Span, DataJson.Options);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isUnit = reader.ValueTextEquals("userId"u8);
            reader.Read();
            if (isUnit && ReadUnit(ref reader) is { } fault) return fault;
            reader.Skip();
        }
        return null;
    }

    private DataFault? ReadUnit(ref Utf8JsonReader reader)
    {
        const string field = "contextFeatures.userId";
        _unit = null;
        if (reader.TokenType == JsonTokenType.Null || (reader.TokenType == JsonTokenType.String && reader.ValueSpan.IsEmpty)) return null;
        if (reader.TokenType is not (JsonTokenType.String or JsonTokenType.Number)) return DataFault.Invalid(field, "this says whom to decide for, so it must be a text or a number.");
        ReadOnlySpan<byte> unit;
        if (reader.TokenType == JsonTokenType.Number) unit = reader.ValueSpan;
        else if (DataJson.Text(ref reader, field, DataJson.MaxUnit, out unit) is { } fault) return fault;
        _unit = Encoding.UTF8.GetString(unit);
        return null;
    }
}

/// <summary>One of the actions of a rank call.</summary>
/// <param name="Features">One object; empty for none.</param>
internal readonly record struct SentAction(string Id, ReadOnlyMemory<byte> Features)
{
    public static DataFault? Read(ref Utf8JsonReader reader, byte[] json, int index, out SentAction action)
    {
        action = default;
        var (id, features) = ("", ReadOnlyMemory<byte>.Empty);
        if (reader.TokenType != JsonTokenType.StartObject) return DataFault.Invalid($"actions[{index}]", "this must be an object with an id and features.");
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var (isId, isFeatures) = (reader.ValueTextEquals("id"u8), reader.ValueTextEquals("features"u8));
            reader.Read();
            DataFault? fault;
            if (isId)
            {
                fault = DataJson.Text(ref reader, $"actions[{index}].id", DataJson.MaxId, out var utf8);
                id = Encoding.UTF8.GetString(utf8);
            }
            else fault = isFeatures ? FeatureList.Read(ref reader, json, $"actions[{index}].features", out features) : DataJson.Skip(ref reader, $"actions[{index}]", depth: 1);
            if (fault is not null) return fault;
        }
        if (id.Length == 0) return DataFault.Invalid($"actions[{index}].id", "this is missing: give each action an id of its own.");
        action = new(id, features);
        return null;
    }
}
