using System.Buffers;
using System.Text.Json;

namespace Looper.Web.Api;

/// <summary>What became of one item: a fault, or a result.</summary>
internal readonly record struct BatchItem<T>(DataFault? Fault, T Result);

/// <summary>Reads one item.</summary>
/// <param name="reader">Stands on its first token; on its last afterwards, unless there is a fault.</param>
/// <param name="json">The whole body.</param>
internal delegate DataFault? BatchItemReader<T>(ref Utf8JsonReader reader, ReadOnlySpan<byte> json, out T item);

/// <summary>Reads one item of the usual kind.</summary>
/// <param name="calls">Stands on its first byte; behind its last afterwards.</param>
/// <returns>False where this is not the reader for it.</returns>
internal delegate bool FlatItemReader<T>(ref FlatCall calls, out DataFault? fault, out T item);

/// <summary>A batch: <c>{ "items": [ …calls… ] }</c> in, <c>{ "items": [ { "status": 200, "result": … } | { "status": 404, "problem": … } ] }</c>
/// out, order kept. One bad item costs only itself; a body that is no JSON costs all; where the journal has room for none of them the whole call is refused
/// with 429 (<see cref="BatchAnswer"/>). Read in one pass.</summary>
internal static class Batch
{
    /// <summary>Every item in order, in one pass.</summary>
    /// <param name="flat">Tried first.</param>
    public static DataFault? Read<T>(in ReadOnlySequence<byte> body, List<BatchItem<T>> items, BatchItemReader<T> read, FlatItemReader<T>? flat = null)
    {
        items.Clear();
        if (body.IsSingleSegment) return Read(body.FirstSpan, items, read, flat);
        var length = (int)body.Length;
        var rented = ArrayPool<byte>.Shared.Rent(length);
        body.CopyTo(rented);
        var fault = Read(rented.AsSpan(0, length), items, read, flat);
        ArrayPool<byte>.Shared.Return(rented);
        return fault;
    }

    private static DataFault? Read<T>(ReadOnlySpan<byte> json, List<BatchItem<T>> items, BatchItemReader<T> read, FlatItemReader<T>? flat)
    {
        if (DataJson.CheckText(json) is { } bad) return bad;
        if (flat is not null && TryReadFlat(json, items, read, flat)) return null;
        items.Clear();
        try
        {
            var reader = new Utf8JsonReader(json, DataJson.Options);
            reader.Read();
            if (reader.TokenType != JsonTokenType.StartObject) return new(422, "request.invalid", "A batch is an object with a list of items.");
            var found = false;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var isItems = reader.ValueTextEquals("items"u8);
                reader.Read();
                if (!isItems)
                {
                    reader.Skip();
                    continue;
                }
                if (reader.TokenType != JsonTokenType.StartArray) return DataFault.Invalid("items", "this must be a list of calls.");
                found = true;
                items.Clear();
                if (ReadItems(ref reader, json, items, read) is { } fault) return fault;
            }
            reader.Read(); // nothing may follow
            return found ? null : DataFault.Invalid("items", "this is missing: give a list of calls.");
        }
        catch (Exception fault) when (DataJson.IsBadInput(fault))
        {
            return DataJson.Malformed(fault);
        }
    }

    /// <summary>False where the body is not what most send, or has a fault: the other way words it.</summary>
    private static bool TryReadFlat<T>(ReadOnlySpan<byte> json, List<BatchItem<T>> items, BatchItemReader<T> read, FlatItemReader<T> flat)
    {
        var calls = new FlatCall(json);
        if (!calls.BeginItems()) return false;
        for (var isFirst = true; ; isFirst = false)
        {
            var next = calls.NextItem(isFirst);
            if (next <= 0) return next == 0;
            if (items.Count == DataRoutes.BatchItems) return false;
            var from = calls.At;
            if (flat(ref calls, out var fault, out var item))
            {
                items.Add(new(fault, item));
                continue;
            }
            try
            {
                var reader = new Utf8JsonReader(json[from..], DataJson.Options);
                reader.Read();
                items.Add(ReadItem(ref reader, json[from..], read));
                calls.At = from + (int)reader.BytesConsumed;
            }
            catch (Exception bad) when (DataJson.IsBadInput(bad))
            {
                return false;
            }
        }
    }

    private static BatchItem<T> ReadItem<T>(ref Utf8JsonReader reader, ReadOnlySpan<byte> json, BatchItemReader<T> read)
    {
        var start = reader;
        var fault = read(ref reader, json, out var item);
        if (fault is not null)
        {
            reader = start; // the rest of the item is passed over, so that the next one is found
            reader.Skip();
        }
        return new(fault, item);
    }

    private static DataFault? ReadItems<T>(ref Utf8JsonReader reader, ReadOnlySpan<byte> json, List<BatchItem<T>> items, BatchItemReader<T> read)
    {
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (items.Count == DataRoutes.BatchItems) return DataFault.Invalid("items", $"a batch holds at most {DataRoutes.BatchItems} calls. Send several.");
            items.Add(ReadItem(ref reader, json, read));
        }
        return null;
    }
}
