using System.Text;
using System.Text.Json;
using Looper.Core.Serving.Candidates;

namespace Looper.Web.Api;

/// <summary>What a list of candidates must be: an array of 1 to 500 objects, each with an id of its own. A feature's bad value never costs the
/// caller a decision; a bad list does, since an answer could not say which candidate it means.</summary>
internal static class CandidateList
{
    private const string Field = "candidates";

    public static DataFault Missing => DataFault.Invalid(
        Field, $"this decision point chooses among candidates. Send 1 to {CandidateSet.Max} of them, such as [{{\"id\":\"a\",\"features\":{{\"price\":3}}}}].");

    /// <summary>Null when the list may be used.</summary>
    /// <param name="json">Valid JSON; empty for none.</param>
    public static DataFault? Check(ReadOnlySpan<byte> json)
    {
        if (json.IsEmpty) return Missing;
        try
        {
            var reader = new Utf8JsonReader(json, DataJson.Options);
            reader.Read();
            return reader.TokenType == JsonTokenType.Null ? Missing : Check(reader, depth: 0);
        }
        catch (InvalidOperationException) // how the reader tells of it
        {
            return DataFault.Invalid(Field, "a text in it holds half of a surrogate pair. Send whole characters.");
        }
    }

    /// <inheritdoc cref="Check(ReadOnlySpan{byte})"/>
    /// <param name="reader">Stands on the value; a copy, so that the caller's goes on as it likes.</param>
    /// <param name="depth">Level of the call itself; above 0 inside a batch.</param>
    public static DataFault? Check(Utf8JsonReader reader, int depth)
    {
        if (reader.TokenType == JsonTokenType.Null) return null;
        if (reader.TokenType != JsonTokenType.StartArray) return DataFault.Invalid(Field, "this must be an array of candidates, each with an id.");
        var seen = new SeenIds(stackalloc short[SeenIds.Slots], stackalloc ulong[CandidateSet.Max]);
        var count = 0;
        for (; reader.Read() && reader.TokenType != JsonTokenType.EndArray; count++)
        {
            if (count >= CandidateSet.Max) reader.Skip();
            else if (CheckOne(ref reader, count, depth, seen) is { } fault) return fault;
        }
        return count == 0 ? Missing
            : count > CandidateSet.Max ? DataFault.Invalid(Field, $"{count} candidates are more than {CandidateSet.Max}. Send those most likely to be wanted.")
            : null;
    }

    private static DataFault? CheckOne(scoped ref Utf8JsonReader reader, int index, int depth, scoped SeenIds seen)
    {
        if (reader.TokenType != JsonTokenType.StartObject) return DataFault.Invalid($"{Field}[{index}]", "this must be an object with an id and features.");
        ReadOnlySpan<byte> id = default;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isId = reader.ValueTextEquals("id"u8);
            reader.Read();
            var fault = isId ? DataJson.Text(ref reader, $"{Field}[{index}].id", DataJson.MaxId, out id) : DataJson.Skip(ref reader, $"{Field}[{index}]", depth);
            if (fault is not null) return fault;
        }
        if (id.IsEmpty) return DataFault.Invalid($"{Field}[{index}].id", "this is missing: give each candidate an id of its own.");
        return seen.Add(id, index) is >= 0 and var before
            ? DataFault.Invalid($"{Field}[{index}].id", $"'{Encoding.UTF8.GetString(id)}' is the id of candidates[{before}] too. Send each candidate once.")
            : null;
    }
}
