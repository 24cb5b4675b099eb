using System.Net;
using System.Net.Http.Json;
using System.Text;
using Looper.Core.Decisions.Import;
using Looper.Web.Commands.Import;

namespace Looper.Web.Tests.Commands;

[Collection("console")]
public sealed class ImportCommandTests
{
    private static readonly Guid s_job = new("01a226eb-b3ff-7000-86e5-dd055ec8cf37");

    [Fact] // the job goes on meanwhile
    public async Task A_server_that_is_busy_or_starts_again_is_asked_again()
    {
        var asked = 0;
        var (code, error) = await ImportAsync(request => request.Method == HttpMethod.Post ? Job() : ++asked switch
        {
            1 => throw new HttpRequestException("Connection refused"),
            2 => Page(HttpStatusCode.ServiceUnavailable),
            _ => Done(),
        });
        Assert.Equal((0, "3 rows."), (code, error));
    }

    [Fact] // what HttpClient throws where an answer does not come in time
    public async Task A_look_that_takes_too_long_is_made_again()
    {
        var asked = 0;
        var (code, error) = await ImportAsync(request => request.Method == HttpMethod.Post ? Job()
            : ++asked == 1 ? throw new TaskCanceledException("The request was canceled due to the configured timeout.", new TimeoutException()) : Done());
        Assert.Equal((0, "3 rows."), (code, error));
    }

    [Fact]
    public void The_file_is_sent_for_as_long_as_it_takes()
    {
        using var http = ImportCommand.Client(new("http://looper.example/"), "lpr_test");
        Assert.Equal(Timeout.InfiniteTimeSpan, http.Timeout);
        Assert.Equal(["lpr_test"], http.DefaultRequestHeaders.GetValues("X-Api-Key"));
    }

    [Fact]
    public async Task The_page_of_a_proxy_is_told_in_a_line()
    {
        var (code, error) = await ImportAsync(_ => Page(HttpStatusCode.BadGateway));
        Assert.Equal((2, "--url: http://looper.example/ answered 502 without a word of Looper. Name the address of Looper itself, or look at what stands before it."), (code, error));
    }

    private static async Task<(int Code, string Error)> ImportAsync(Func<HttpRequestMessage, HttpResponseMessage> answer)
    {
        var (before, error) = (System.Console.Error, new StringWriter());
        System.Console.SetError(error);
        try
        {
            using var http = new HttpClient(new Server(answer)) { BaseAddress = new("http://looper.example/") };
            using var file = new MemoryStream(Encoding.UTF8.GetBytes("shown\na\n"));
            var code = await ImportCommand.SendAsync(http, new ImportMapping { DecisionPoint = "banner", Option = "shown" }, file, TestContext.Current.CancellationToken);
            return (code, error.ToString().TrimEnd());
        }
        finally
        {
            System.Console.SetError(before);
        }
    }

    private static HttpResponseMessage Job() => new(HttpStatusCode.Accepted) { Content = JsonContent.Create(new { jobId = s_job }) };

    private static HttpResponseMessage Done() =>
        new(HttpStatusCode.OK) { Content = JsonContent.Create(new { run = new { state = "done", percent = 100.0, detail = "" }, log = new[] { new { id = 1, text = "3 rows." } } }) };

    private static HttpResponseMessage Page(HttpStatusCode status) => new(status) { Content = new StringContent("<html>busy</html>", Encoding.UTF8, "text/html") };

    private sealed class Server(Func<HttpRequestMessage, HttpResponseMessage> answer) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) => Task.FromResult(answer(request));
    }
}
