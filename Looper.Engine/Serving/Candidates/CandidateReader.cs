using System.Collections.Immutable;
using System.Text.Json;
using Looper.Core.Blueprints;

namespace Looper.Core.Serving.Candidates;

/// <summary>The candidates of a request (a JSON array of <c>{ "id", "features" }</c> that was checked) → a <see cref="CandidateSet"/>. A feature that
/// does not fit is invalid, as in a context; features that are no object at all make every one of that candidate invalid.</summary>
internal sealed class CandidateReader(ImmutableArray<Feature> features)
{
    private const int MaxDepth = 64;
    private readonly ContextReader _reader = new(features);
    private readonly byte[] _unusable = [.. Enumerable.Repeat((byte)ServedKind.Invalid, features.Length)];

    public void Read(ReadOnlySpan<byte> candidates, CandidateSet set)
    {
        set.Clear();
        if (candidates.IsEmpty) return;
        var reader = new Utf8JsonReader(candidates, new JsonReaderOptions { MaxDepth = MaxDepth });
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartArray) return;
        while (reader.Read() && reader.TokenType == JsonTokenType.StartObject && set.Count < CandidateSet.Max) ReadOne(ref reader, candidates, set);
    }

    private void ReadOne(ref Utf8JsonReader reader, ReadOnlySpan<byte> candidates, CandidateSet set)
    {
        ReadOnlySpan<byte> id = default, sent = default;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isId = reader.ValueTextEquals("id"u8);
            var isFeatures = !isId && reader.ValueTextEquals("features"u8);
            reader.Read();
            var start = (int)reader.TokenStartIndex;
            if (isId) id = reader.ValueIsEscaped ? System.Text.Encoding.UTF8.GetBytes(reader.GetString()!) : reader.ValueSpan;
            reader.Skip();
            if (isFeatures) sent = candidates[start..(int)reader.BytesConsumed];
        }
        set.Add(id, _reader.Read(sent, set.Row) ? set.Row.Served : _unusable);
    }
}
