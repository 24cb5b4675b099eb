using System.Net.Http.Headers;

namespace Looper.Client.Calls;

/// <summary>Requests to Looper. What goes wrong with one is its reply; nothing throws.</summary>
internal sealed class Transport : IDisposable
{
    private const int MostAnswerBytes = 16 * 1024 * 1024;
    private static readonly MediaTypeHeaderValue s_json = new("application/json");
    private readonly HttpClient _http;
    private readonly TimeProvider _clock;

    public Transport(string key, TimeProvider clock)
    {
        _clock = clock;
        _http = new HttpClient(new SocketsHttpHandler
        {
            AllowAutoRedirect = false, UseCookies = false, UseProxy = false, ConnectTimeout = TimeSpan.FromSeconds(10),
            PooledConnectionLifetime = TimeSpan.FromMinutes(5), // so that a name that moves is followed
            PooledConnectionIdleTimeout = TimeSpan.FromSeconds(30), // before what stands between closes it
        })
        { Timeout = Timeout.InfiniteTimeSpan, MaxResponseContentBufferSize = MostAnswerBytes };
        _http.DefaultRequestHeaders.Add("X-Api-Key", key);
    }

    public async Task<Reply> PostAsync(Uri url, ReadOnlyMemory<byte> json, CancellationToken cancel)
    {
        try
        {
            using var content = new ReadOnlyMemoryContent(json);
            content.Headers.ContentType = s_json;
            using var answer = await _http.PostAsync(url, content, cancel);
            return new((int)answer.StatusCode, await answer.Content.ReadAsByteArrayAsync(cancel), RetryAfter(answer.Headers.RetryAfter, answer.Headers.Date));
        }
        catch (Exception fault)
        {
            return Faulty(url, fault);
        }
    }

    /// <param name="tag">Of what is there already, in quotes: the answer is 304 where it is the same. Null where nothing is.</param>
    /// <param name="most">Bytes that an answer may have.</param>
    public async Task<Reply> GetAsync(Uri url, string? tag, int most, CancellationToken cancel)
    {
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, url);
            if (tag is not null) request.Headers.TryAddWithoutValidation("If-None-Match", tag);
            using var answer = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancel);
            await answer.Content.LoadIntoBufferAsync(most, cancel);
            return new((int)answer.StatusCode, await answer.Content.ReadAsByteArrayAsync(cancel), RetryAfter(answer.Headers.RetryAfter, answer.Headers.Date));
        }
        catch (Exception fault)
        {
            return Faulty(url, fault);
        }
    }

    public void Dispose() => _http.Dispose();

    private static Reply Faulty(Uri url, Exception fault) => fault switch
    {
        OperationCanceledException => new(0, [], Fault: "Looper did not answer in time."),
        HttpRequestException { HttpRequestError: HttpRequestError.InvalidResponse or HttpRequestError.ConfigurationLimitExceeded } =>
            new(0, [], Fault: $"What answered at {url} is not Looper: {fault.Message}", IsGarbled: true),
        _ => new(0, [], Fault: $"Looper cannot be reached at {url}: {fault.Message}"),
    };

    // A date is read by the clock of whoever says it.
    private TimeSpan? RetryAfter(RetryConditionHeaderValue? said, DateTimeOffset? now)
    {
        var wait = said?.Delta ?? said?.Date - (now ?? _clock.GetUtcNow());
        return wait > TimeSpan.Zero ? wait : null;
    }
}
