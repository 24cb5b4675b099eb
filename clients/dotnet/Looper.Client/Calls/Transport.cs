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
        catch (OperationCanceledException)
        {
            return new(0, [], Fault: "Looper did not answer in time.");
        }
        catch (HttpRequestException fault) when (fault.HttpRequestError is HttpRequestError.InvalidResponse or HttpRequestError.ConfigurationLimitExceeded)
        {
            return new(0, [], Fault: $"What answered at {url} is not Looper: {fault.Message}", IsGarbled: true);
        }
        catch (Exception fault)
        {
            return new(0, [], Fault: $"Looper cannot be reached at {url}: {fault.Message}");
        }
    }

    public void Dispose() => _http.Dispose();

    // A date is read by the clock of whoever says it.
    private TimeSpan? RetryAfter(RetryConditionHeaderValue? said, DateTimeOffset? now)
    {
        var wait = said?.Delta ?? said?.Date - (now ?? _clock.GetUtcNow());
        return wait > TimeSpan.Zero ? wait : null;
    }
}
