using System.Buffers;
using System.IO.Pipelines;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Looper.Web.Api;

/// <summary>Writes an item of the usual kind whole; false where this is not the writer for it.</summary>
internal delegate bool FlatItemWriter<T>(in T result, Span<byte> to, out int written);

/// <summary>The answer to a <see cref="Batch"/>, sent as it is written.</summary>
internal static class BatchAnswer
{
    private const int FlushedBytes = 32 * 1024;

    private static readonly JsonWriterOptions s_writing = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    /// <param name="flat">Tried first.</param>
    public static async Task WriteAsync<T>(
        HttpContext http, ReadOnlyMemory<BatchItem<T>> items, int status, Action<Utf8JsonWriter, T> writeResult, FlatItemWriter<T>? flat = null)
    {
        if (SaidOnce(items.Span) is { } full)
        {
            await full.WriteAsync(http); // said once: what cannot be taken is to cost little, here and at the sender
            return;
        }
        http.Response.ContentType = "application/json";
        if (RetryAfter(items.Span) is > 0 and var seconds) http.Response.Headers.RetryAfter = seconds.ToString(System.Globalization.CultureInfo.InvariantCulture);
        var to = http.Response.BodyWriter;
        await using var json = new Utf8JsonWriter(to, s_writing);
        to.Write("{\"items\":["u8);
        for (var next = 0; next < items.Length;)
        {
            for (var written = 0L; next < items.Length && written < FlushedBytes;)
            {
                if (flat is not null && WriteFlat(to, items.Span, ref next, flat) is > 0 and var bytes) written += bytes;
                else written += WriteItem(to, json, items.Span[next], next++ == 0, status, writeResult);
            }
            if (next < items.Length) await to.FlushAsync(http.RequestAborted);
        }
        to.Write("]}"u8);
        await to.FlushAsync(http.RequestAborted);
    }

    /// <summary>The refusal that all of them got.</summary>
    private static DataFault? SaidOnce<T>(ReadOnlySpan<BatchItem<T>> items)
    {
        if (items is not [{ Fault: { Status: StatusCodes.Status429TooManyRequests } full }, ..]) return null;
        foreach (ref readonly var item in items)
        {
            if (!ReferenceEquals(item.Fault, full)) return null;
        }
        return full;
    }

    private static int RetryAfter<T>(ReadOnlySpan<BatchItem<T>> items)
    {
        var most = 0;
        foreach (ref readonly var item in items) most = Math.Max(most, item.Fault?.RetryAfter ?? 0);
        return most;
    }

    /// <summary>As many items as are of the usual kind and as the writer has room for at once: asking it for each takes as long as writing one.</summary>
    /// <returns>Bytes; 0 where the next item must be written otherwise.</returns>
    private static int WriteFlat<T>(PipeWriter to, ReadOnlySpan<BatchItem<T>> items, ref int next, FlatItemWriter<T> flat)
    {
        var room = to.GetSpan(FlatAnswer.MostBytes + 1);
        var at = 0;
        while (next < items.Length && at + FlatAnswer.MostBytes < room.Length)
        {
            ref readonly var item = ref items[next];
            var comma = next > 0 ? 1 : 0;
            if (item.Fault is not null || !flat(item.Result, room.Slice(at + comma, FlatAnswer.MostBytes), out var length)) break;
            if (comma > 0) room[at] = (byte)',';
            at += comma + length;
            next++;
        }
        to.Advance(at);
        return at;
    }

    /// <returns>Bytes.</returns>
    private static long WriteItem<T>(PipeWriter to, Utf8JsonWriter json, in BatchItem<T> item, bool isFirst, int status, Action<Utf8JsonWriter, T> writeResult)
    {
        if (!isFirst) to.Write(","u8);
        WriteItem(json, item, status, writeResult);
        json.Flush();
        var bytes = json.BytesCommitted;
        json.Reset(); // the next is no second value to it
        return bytes;
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
}
