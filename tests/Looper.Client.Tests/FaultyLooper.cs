using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;

namespace Looper.Client.Tests;

/// <summary>One request as it came.</summary>
internal sealed record Call(string Path, string Head, string Body)
{
    public bool IsDecide => Path.EndsWith("/v1/decisions", StringComparison.Ordinal);

    /// <summary>Decisions made in the app's process, that it reports.</summary>
    public bool IsMade => Path.EndsWith("/v1/decisions/made", StringComparison.Ordinal);

    public bool IsSnapshot => Path.Contains("/v1/snapshots/", StringComparison.Ordinal);

    public JsonNode Json => JsonNode.Parse(Body)!;

    public IReadOnlyList<JsonNode> Items => [.. Json["items"]!.AsArray().Select(i => i!)];

    public string Header(string name) => Head.Split("\r\n").First(l => l.StartsWith(name + ":", StringComparison.OrdinalIgnoreCase))[(name.Length + 1)..].Trim();
}

/// <summary>Stands in for Looper on a socket of its own, and does whatever a network and a server can do.</summary>
internal sealed class FaultyLooper : IAsyncDisposable
{
    private readonly CancellationTokenSource _end = new();
    private readonly TcpListener _listener;
    private readonly Task _accepting;
    private int _aborted;

    /// <param name="port">0 for any that is free.</param>
    public FaultyLooper(int port = 0)
    {
        _listener = new(IPAddress.Loopback, port);
        _listener.Start();
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        _accepting = AcceptAsync();
    }

    public int Port { get; }

    public string Url => $"http://127.0.0.1:{Port}";

    /// <summary>What it does with a request.</summary>
    public Func<Call, Answer> Answers { get; set; } = Answer.Healthy;

    /// <summary>What it waits for before that.</summary>
    public Func<Call, Task> Before { get; set; } = _ => Task.CompletedTask;

    public ConcurrentQueue<Call> Calls { get; } = [];

    /// <summary>Requests whose sender closed the connection before the answer.</summary>
    public int Aborted => Volatile.Read(ref _aborted);

    /// <summary>Ids of the observations, and of the decisions made elsewhere, that it said it has, as often as it said so.</summary>
    public ConcurrentQueue<(string Id, JsonNode Item)> Has { get; } = [];

    public int Batches => Calls.Count(c => !c.IsDecide);

    /// <summary>An address where nothing listens.</summary>
    public static async Task<string> NowhereAsync()
    {
        var gone = new FaultyLooper();
        await gone.DisposeAsync();
        return gone.Url;
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _accepting; // before the listener stops: one that has stopped is not asked for the next connection
        _listener.Stop();
    }

    private async Task AcceptAsync()
    {
        var serving = new List<Task>();
        try
        {
            while (true) serving.Add(ServeAsync(await _listener.AcceptTcpClientAsync(_end.Token)));
        }
        catch (Exception fault) when (fault is OperationCanceledException or SocketException)
        {
            await Task.WhenAll(serving);
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        try
        {
            using var _ = client;
            var stream = client.GetStream();
            while (await ReadAsync(stream) is { } call)
            {
                await Before(call).WaitAsync(_end.Token);
                var answer = Answers(call);
                Calls.Enqueue(call);
                if (answer.Kind == AnswerKind.Whole && answer.Statuses.Count > 0) Keep(call.Items.Zip(answer.Statuses));
                if (answer.Kind == AnswerKind.Silence) await WaitForGoneAsync(stream);
                var bytes = answer.Bytes();
                if (bytes.Length > 0) await stream.WriteAsync(bytes, _end.Token);
                if (answer.Kind == AnswerKind.Stall) await WaitForGoneAsync(stream);
                if (answer.Kind != AnswerKind.Whole) return;
            }
        }
        catch (Exception fault) when (fault is IOException or OperationCanceledException or SocketException)
        {
            // the client, or the test, has gone
        }
    }

    private void Keep(IEnumerable<(JsonNode Item, int Status)> said)
    {
        foreach (var (item, _) in said.Where(s => s.Status == 202)) Has.Enqueue(((item["observationId"] ?? item["decisionId"])!.GetValue<string>(), item));
    }

    private async Task WaitForGoneAsync(NetworkStream stream)
    {
        try
        {
            if (await stream.ReadAsync(new byte[1], _end.Token) == 0) Interlocked.Increment(ref _aborted);
        }
        catch (IOException)
        {
            Interlocked.Increment(ref _aborted);
        }
        throw new OperationCanceledException();
    }

    private async Task<Call?> ReadAsync(NetworkStream stream)
    {
        var read = new List<byte>();
        var one = new byte[16 * 1024];
        int head, length = 0;
        while ((head = Encoding.Latin1.GetString([.. read]).IndexOf("\r\n\r\n", StringComparison.Ordinal)) < 0)
        {
            var count = await stream.ReadAsync(one, _end.Token);
            if (count == 0) return null;
            read.AddRange(one[..count]);
        }
        var text = Encoding.Latin1.GetString([.. read], 0, head);
        foreach (var line in text.Split("\r\n"))
        {
            if (line.StartsWith("Content-Length:", StringComparison.OrdinalIgnoreCase)) length = int.Parse(line[15..], CultureInfo.InvariantCulture);
        }
        var body = new byte[length];
        read.CopyTo(head + 4, body, 0, Math.Min(read.Count - head - 4, length));
        for (var at = read.Count - head - 4; at < length;)
        {
            var count = await stream.ReadAsync(body.AsMemory(at), _end.Token);
            if (count == 0) return null;
            at += count;
        }
        return new(text.Split(' ')[1], text, Encoding.UTF8.GetString(body));
    }
}
