using System.IO.Pipelines;
using System.Net.Sockets;
using System.Text;
using Looper.Core.Access;
using Looper.Web.Api;
using Looper.Web.Tests.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Looper.Web.Tests.Api;

/// <summary>Batches whose senders stall before their end.</summary>
public sealed class UnfinishedBodiesTests
{
    [Fact]
    public void What_has_come_counts_beyond_what_each_may_have_and_is_given_back()
    {
        var room = new UnfinishedBodies(most: 100_000);
        var (first, second) = (0L, 0L);
        Assert.True(room.Hold(ref first, UnfinishedBodies.FreeBytes + 60_000));
        Assert.True(room.Hold(ref second, UnfinishedBodies.FreeBytes));
        Assert.False(room.Hold(ref second, UnfinishedBodies.FreeBytes + 40_001));
        Assert.Equal((60_000, 0), (first, second));
        Assert.True(room.Hold(ref first, UnfinishedBodies.FreeBytes + 100_000));
        room.GiveBack(first);
        Assert.True(room.Hold(ref second, UnfinishedBodies.FreeBytes + 100_000));
    }

    [Fact]
    public async Task A_large_body_that_stalls_is_given_up()
    {
        var http = await SendAsync(new byte[70_000], isWhole: false);
        var room = new UnfinishedBodies(most: 70_000);
        var (fault, _) = await DataRoutes.BodyAsync(http, limit: 80_000, room).AsTask().WaitAsync(TimeSpan.FromSeconds(60));
        Assert.Equal((DataFault.TooSlow, "close"), (fault, http.Response.Headers.Connection.ToString()));
        var next = 0L;
        Assert.True(room.Hold(ref next, UnfinishedBodies.FreeBytes + 70_000)); // what it held is free again
    }

    [Fact]
    public async Task A_large_body_that_comes_whole_is_read()
    {
        var (fault, body) = await DataRoutes.BodyAsync(await SendAsync(new byte[200_000]), DataRoutes.BatchBytes, new UnfinishedBodies(most: 0));
        Assert.Equal((null, 200_000), (fault, body.Length));
    }

    [Fact]
    public async Task A_batch_that_finds_no_room_is_told_when_to_come_again_and_its_connection_ends()
    {
        var http = await SendAsync(new byte[200_000], isWhole: false);
        var (fault, _) = await DataRoutes.BodyAsync(http, DataRoutes.BatchBytes, new UnfinishedBodies(most: 100_000));
        Assert.Equal((DataFault.Full, "close"), (fault, http.Response.Headers.Connection.ToString()));
    }

    [Fact]
    public async Task Stalled_batches_fill_their_room_and_calls_go_on()
    {
        await using var looper = new LooperApp(listens: true);
        await looper.PublishAsync("banner", ServedApp.Banner);
        var key = await looper.KeyAsync();
        using var client = await looper.WithKeyAsync();
        var server = client.BaseAddress!;
        var stalled = new List<Socket>();
        var part = new byte[3_900_000];
        Array.Fill(part, (byte)' ');
        try
        {
            for (var i = 0; i < 24; i++)
            {
                var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { SendTimeout = 20_000, ReceiveTimeout = 20_000 };
                await socket.ConnectAsync(server.Host, server.Port);
                stalled.Add(socket);
                await socket.SendAsync(Encoding.ASCII.GetBytes($"POST /v1/decisions/batch HTTP/1.1\r\nHost: {server.Authority}\r\nX-Api-Key: {key}\r\nContent-Type: application/json\r\nContent-Length: 4000000\r\n\r\n"));
                try
                {
                    for (var sent = 0; sent < part.Length;) sent += await socket.SendAsync(part.AsMemory(sent));
                }
                catch (SocketException) { } // told to go while it sent
            }
            var refused = 0;
            for (var look = 0; look < 100 && refused < 5; look++)
            {
                await Task.Delay(100);
                refused = stalled.Count(s => s.Poll(0, SelectMode.SelectRead));
            }
            Assert.InRange(refused, 5, 12); // 64 MiB are room for 17 of 3.9 MB
            var answer = new byte[12];
            Assert.Equal("HTTP/1.1 429", Encoding.ASCII.GetString(answer, 0, stalled.Where(s => s.Poll(0, SelectMode.SelectRead)).Max(s => Received(s, answer))));
            var decided = await client.OkAsync("/v1/decisions", """{"decisionPoint":"banner","unit":"ann","context":{}}""");
            Assert.NotNull(decided["decisionId"] ?? decided["id"]);
        }
        finally
        {
            stalled.ForEach(s => s.Dispose());
        }
    }

    // None where the connection was cut before its answer was read.
    private static int Received(Socket socket, byte[] into)
    {
        try
        {
            return socket.Receive(into);
        }
        catch (SocketException)
        {
            return 0;
        }
    }

    private static async Task<DefaultHttpContext> SendAsync(byte[] body, bool isWhole = true)
    {
        var pipe = new Pipe(new PipeOptions(pauseWriterThreshold: 0));
        await pipe.Writer.WriteAsync(body);
        if (isWhole) await pipe.Writer.CompleteAsync();
        var http = new DefaultHttpContext();
        http.Request.Protocol = "HTTP/1.1";
        http.Features.Set<IRequestBodyPipeFeature>(new Body(pipe.Reader));
        return http;
    }

    private sealed record Body(PipeReader Reader) : IRequestBodyPipeFeature;
}
