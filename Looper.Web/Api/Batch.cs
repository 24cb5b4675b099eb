using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Looper.Web.Api;

/// <summary>What became of one item: a fault, or a result.</summary>
internal readonly record struct BatchItem<T>(DataFault? Fault, T Result);

/// <summary>Reads one item.</summary>
/// <param name="reader">Stands on its first token; on its last afterwards, unless there is a fault.</param>
/// <param name="json">The whole body.</param>
internal delegate DataFault? BatchItemReader<T>(ref Utf8JsonReader reader, ReadOnlySpan<byte> json, out T item);

/// <summary>A batch: <c>{ "items": [ …calls… ] }</c> in, <c>{ "items": [ { "status": 200, "result": … } | { "status": 404, "problem": … } ] }</c>
/// out, order kept. One bad item costs only itself; a body that is no JSON costs all. Read in one pass; written as it goes.</summary>
internal static class Batch
{
    private const int FlushedBytes = 16 * 1024;

    private static readonly JsonWriterOptions s_writing = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    /// <summary>Every item in order, in one pass.</summary>
    public static DataFault? Read<T>(in ReadOnlySequence<byte> body, List<BatchItem<T>> items, BatchItemReader<T> read)
    {
        items.Clear();
        if (body.IsSingleSegment) return Read(body.FirstSpan, items, read);
        var length = (int)body.Length;
        var rented = ArrayPool<byte>.Shared.Rent(length);
        body.CopyTo(rented);
        var fault = Read(rented.AsSpan(0, length), items, read);
        ArrayPool<byte>.Shared.Return(rented);
        return fault;
    }

    public static async Task WriteAsync<T>(HttpContext http, IReadOnlyList<BatchItem<T>> items, int status, Action<Utf8JsonWriter, T> writeResult)
    {
        http.Response.ContentType = "application/json";
        var retryAfter = items.Count == 0 ? 0 : items.Max(i => i.Fault?.RetryAfter ?? 0);
        if (retryAfter > 0) http.Response.Headers.RetryAfter = retryAfter.ToString(System.Globalization.CultureInfo.InvariantCulture);
        var to = http.Response.BodyWriter;
        await using var json = new Utf8JsonWriter(to, s_writing);
        var sent = 0L;
        json.WriteStartObject();
        json.WriteStartArray("items"u8);
        for (var i = 0; i < items.Count; i++)
        {
            WriteItem(json, items[i], status, writeResult);
            if (json.BytesCommitted + json.BytesPending - sent < FlushedBytes) continue;
            json.Flush();
            sent = json.BytesCommitted;
            await to.FlushAsync(http.RequestAborted);
        }
        json.WriteEndArray();
        json.WriteEndObject();
        json.Flush();
        await to.FlushAsync(http.RequestAborted);
    }

    private static void WriteItem<T>(Utf8JsonWriter json, in BatchItem<T> item, int status, Action<Utf8JsonWriter, T> writeResult)
    {
        json.WriteStartObject();
        json.WriteNumber("status"u8, item.Fault?.Status ?? status);
        if (item.Fault is null) writeResult(json, item.Result);
        else
        {
            json.WritePropertyName("problem"u8);
            item.Fault.Write(json);
        }
        json.WriteEndObject();
    }

    private static DataFault? Read<T>(ReadOnlySpan<byte> json, List<BatchItem<T>> items, BatchItemReader<T> read)
    {
        if (DataJson.CheckText(json) is { } bad) return bad;
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

    private static DataFault? ReadItems<T>(ref Utf8JsonReader reader, ReadOnlySpan<byte> json, List<BatchItem<T>> items, BatchItemReader<T> read)
    {
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (items.Count == DataRoutes.BatchItems) return DataFault.Invalid("items", $"a batch holds at most {DataRoutes.BatchItems} calls. Send several.");
            var start = reader;
            var fault = read(ref reader, json, out var item);
            if (fault is not null)
            {
                reader = start; // the rest of the item is passed over, so that the next one is found
                reader.Skip();
            }
            items.Add(new(fault, item));
        }
        return null;
    }
}
