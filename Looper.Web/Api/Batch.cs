using System.Buffers;
using System.Collections.Immutable;
using System.Text.Json;
using Looper.Core.Access;

namespace Looper.Web.Api;

/// <summary>What became of one item: a fault, or a result.</summary>
internal readonly record struct BatchItem<T>(DataFault? Fault, T Result);

/// <summary>A batch: <c>{ "items": [ …calls… ] }</c> in, <c>{ "items": [ { "status": 200, "result": … } | { "status": 404, "problem": … } ] }</c>
/// out, order kept. One bad item costs only itself; a body that is no JSON costs all.</summary>
internal static class Batch
{
    public static async ValueTask<(DataFault? Fault, ImmutableArray<ReadOnlyMemory<byte>> Items, ApiKeyGrant Grant)> ReadAsync(HttpContext http, DataRoutes data, KeyScopes scope)
    {
        if (data.Admit(http, scope, out var grant) is { } refused) return (refused, [], grant);
        var (fault, body) = await DataRoutes.BodyAsync(http, DataRoutes.BatchBytes);
        if (fault is not null) return (fault, [], grant);
        var json = body.ToArray(); // the items outlive the request's own buffers while they wait for the journal
        DataRoutes.Release(http, body);
        if (DataJson.CheckText(json) is { } bad) return (bad, [], grant);
        fault = Items(json, out var items);
        return (fault, [.. items], grant);
    }

    public static async Task WriteAsync<T>(HttpContext http, BatchItem<T>[] items, int status, Action<Utf8JsonWriter, T> writeResult)
    {
        http.Response.ContentType = "application/json";
        var retryAfter = items.Max(i => (int?)i.Fault?.RetryAfter) ?? 0;
        if (retryAfter > 0) http.Response.Headers.RetryAfter = retryAfter.ToString(System.Globalization.CultureInfo.InvariantCulture);
        await AnswerBuffer.SendAsync(http.Response, (Items: items, Status: status, Write: writeResult), static (json, batch) =>
        {
            json.WriteStartObject();
            json.WriteStartArray("items"u8);
            foreach (var (fault, result) in batch.Items)
            {
                json.WriteStartObject();
                json.WriteNumber("status"u8, fault?.Status ?? batch.Status);
                if (fault is null) batch.Write(json, result);
                else
                {
                    json.WritePropertyName("problem"u8);
                    fault.Write(json);
                }
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteEndObject();
        });
    }

    private static DataFault? Items(ReadOnlyMemory<byte> json, out List<ReadOnlyMemory<byte>> items)
    {
        items = [];
        try
        {
            var reader = new Utf8JsonReader(json.Span, DataJson.Options);
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
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                {
                    if (items.Count == DataRoutes.BatchItems) return DataFault.Invalid("items", $"a batch holds at most {DataRoutes.BatchItems} calls. Send several.");
                    var start = (int)reader.TokenStartIndex;
                    reader.Skip();
                    items.Add(json[start..(int)reader.BytesConsumed]);
                }
            }
            reader.Read(); // nothing may follow
            return found ? null : DataFault.Invalid("items", "this is missing: give a list of calls.");
        }
        catch (Exception fault) when (DataJson.IsBadInput(fault))
        {
            return DataJson.Malformed(fault);
        }
    }
}
