using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Looper.Web.Api;

/// <summary>Writes an answer into a buffer of the thread and sends it whole, with its length.</summary>
internal static class AnswerBuffer
{
    private const int KeptBytes = 1 << 20;

    [ThreadStatic]
    private static ArrayBufferWriter<byte>? _bytes;

    [ThreadStatic]
    private static Utf8JsonWriter? _json;

    public static Task SendAsync(HttpResponse response, DecisionAnswer answer)
    {
        var bytes = _bytes ??= new(FlatAnswer.MostBytes);
        bytes.ResetWrittenCount();
        if (!FlatAnswer.TryWrite(answer, bytes.GetSpan(FlatAnswer.MostBytes), out var length)) return SendAsync(response, answer, static (json, a) => a.Write(json));
        bytes.Advance(length);
        response.ContentLength = length;
        response.BodyWriter.Write(bytes.WrittenSpan);
        return response.BodyWriter.FlushAsync(response.HttpContext.RequestAborted).AsTask();
    }

    public static async Task SendAsync<T>(HttpResponse response, T content, Action<Utf8JsonWriter, T> write)
    {
        Fill(response, content, write);
        await response.BodyWriter.FlushAsync(response.HttpContext.RequestAborted);
    }

    private static void Fill<T>(HttpResponse response, T content, Action<Utf8JsonWriter, T> write)
    {
        var bytes = _bytes ??= new(1_024);
        var json = _json ??= new(bytes, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true });
        bytes.ResetWrittenCount();
        json.Reset(bytes);
        write(json, content);
        json.Flush();
        response.ContentLength = bytes.WrittenCount;
        response.BodyWriter.Write(bytes.WrittenSpan);
        if (bytes.Capacity > KeptBytes) _bytes = null;
    }
}
