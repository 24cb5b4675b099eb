using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Looper.EndToEnd.Tests.Load;

/// <summary>One kept-alive HTTP/1.1 connection, used by one thread that waits for its answers: what measures a server is not to measure the client's own thread pool.</summary>
internal sealed class RawConnection : IDisposable
{
    private readonly Uri _server;
    private readonly Socket _socket;
    private byte[] _received = new byte[128 * 1024], _body = new byte[128 * 1024];

    public RawConnection(Uri server)
    {
        _server = server;
        _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true, ReceiveTimeout = 60_000, SendTimeout = 60_000 };
        _socket.Connect(new IPEndPoint(IPAddress.Loopback, server.Port));
    }

    /// <summary>A call with its body, as bytes to send.</summary>
    public byte[] Post(string path, string key, string body) => Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture,
        $"POST {path} HTTP/1.1\r\nHost: {_server.Authority}\r\nX-Api-Key: {key}\r\nContent-Type: application/json\r\nContent-Length: {Encoding.UTF8.GetByteCount(body)}\r\n\r\n{body}"));

    /// <returns>The status, whether the answer says when to come again, and its body, which holds until the next call.</returns>
    public (int Status, bool SaysWhen, ReadOnlyMemory<byte> Body) Send(ReadOnlySpan<byte> call)
    {
        while (!call.IsEmpty) call = call[_socket.Send(call)..];
        var (length, headersEnd) = (0, -1);
        while (headersEnd < 0)
        {
            length += Receive(length);
            headersEnd = _received.AsSpan(0, length).IndexOf("\r\n\r\n"u8);
        }
        var headers = Encoding.ASCII.GetString(_received, 0, headersEnd);
        var start = headersEnd + 4;
        var status = int.Parse(headers.AsSpan(9, 3), CultureInfo.InvariantCulture);
        var body = Header(headers, "Content-Length") is { } bytes
            ? Whole(start, length, int.Parse(bytes, CultureInfo.InvariantCulture))
            : Chunks(start, length);
        return (status, Header(headers, "Retry-After") is not null, body);
    }

    public void Dispose() => _socket.Dispose();

    private static string? Header(string headers, string name) =>
        headers.Split("\r\n").FirstOrDefault(l => l.StartsWith(name + ':', StringComparison.OrdinalIgnoreCase))?[(name.Length + 1)..].Trim();

    private ReadOnlyMemory<byte> Whole(int start, int length, int bytes)
    {
        while (length < start + bytes) length += Receive(length);
        return _received.AsMemory(start, bytes);
    }

    private ReadOnlyMemory<byte> Chunks(int at, int length)
    {
        for (var filled = 0; ;)
        {
            int end;
            while ((end = _received.AsSpan(at, length - at).IndexOf("\r\n"u8)) < 0) length += Receive(length);
            var bytes = int.Parse(Encoding.ASCII.GetString(_received, at, end), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            at += end + 2;
            while (length < at + bytes + 2) length += Receive(length);
            if (bytes == 0) return _body.AsMemory(0, filled);
            if (_body.Length < filled + bytes) Array.Resize(ref _body, (filled + bytes) * 2);
            _received.AsSpan(at, bytes).CopyTo(_body.AsSpan(filled));
            (filled, at) = (filled + bytes, at + bytes + 2);
        }
    }

    private int Receive(int length)
    {
        if (length == _received.Length) Array.Resize(ref _received, length * 2);
        var received = _socket.Receive(_received.AsSpan(length));
        return received > 0 ? received : throw new IOException("The server closed the connection before its answer ended.");
    }
}
