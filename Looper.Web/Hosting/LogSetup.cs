using System.Globalization;
using Looper.Core.Persistence;
using Looper.Web.Commands;
using Serilog;
using Serilog.Events;
using Serilog.Extensions.Logging;
using Serilog.Formatting.Display;

namespace Looper.Web.Hosting;

/// <summary>One line an event, to the console and to a file a day in the data directory. Levels come from <c>Logging:LogLevel</c>.</summary>
internal static class LogSetup
{
    private const string Template = "{Timestamp:yyyy-MM-dd HH:mm:ss.fff} {Level:u3} {Message:lj}{NewLine}{Exception}";
    private const int DaysKept = 14;
    private const long FileBytes = 50 * 1024 * 1024;
    private const string FailedStart = "Hosting failed to start";

    public static void AddLogs(this WebApplicationBuilder builder)
    {
        builder.Logging.ClearProviders();
        // It logs every request, and makes an activity for each as long as it could log anything. Faults are logged where they are handled.
        builder.Logging.AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.None);
        builder.Services.AddSingleton<ILoggerProvider>(provider => new SerilogLoggerProvider(Logger(provider.GetRequiredService<DataDirectory>()), dispose: true));
    }

    private static Serilog.Core.Logger Logger(DataDirectory directory) => new LoggerConfiguration()
        .MinimumLevel.Verbose()
        .Filter.ByExcluding(IsSaidAtTheEnd)
        .WriteTo.Console(outputTemplate: Template, formatProvider: CultureInfo.InvariantCulture)
        .WriteTo.File(
            new MessageTemplateTextFormatter(Template, CultureInfo.InvariantCulture), Path.Combine(directory.Folder("logs"), "looper-.log"),
            rollingInterval: RollingInterval.Day, retainedFileCountLimit: DaysKept, fileSizeLimitBytes: FileBytes, rollOnFileSizeLimit: true)
        .CreateLogger();

    /// <summary>The host's own line on a start that failed, where the operator is told in a sentence without a trace. A fault of the same kind in a request or a
    /// job is told nowhere else.</summary>
    private static bool IsSaidAtTheEnd(LogEvent line) =>
        line.Exception is { } fault && line.MessageTemplate.Text == FailedStart && StartFaults.Sentence(fault) is not null;
}
