using System.Globalization;
using Looper.Core.Persistence;
using Looper.Web.Commands;
using Serilog;
using Serilog.Extensions.Logging;
using Serilog.Formatting.Display;

namespace Looper.Web.Hosting;

/// <summary>One line an event, to the console and to a file a day in the data directory. Levels come from <c>Logging:LogLevel</c>.</summary>
internal static class LogSetup
{
    private const string Template = "{Timestamp:yyyy-MM-dd HH:mm:ss.fff} {Level:u3} {Message:lj}{NewLine}{Exception}";
    private const int DaysKept = 14;
    private const long FileBytes = 50 * 1024 * 1024;

    public static void AddLogs(this WebApplicationBuilder builder)
    {
        builder.Logging.ClearProviders();
        // It logs every request, and makes an activity for each as long as it could log anything. Faults are logged where they are handled.
        builder.Logging.AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.None);
        builder.Services.AddSingleton<ILoggerProvider>(provider => new SerilogLoggerProvider(Logger(provider.GetRequiredService<DataDirectory>()), dispose: true));
    }

    private static Serilog.Core.Logger Logger(DataDirectory directory) => new LoggerConfiguration()
        .MinimumLevel.Verbose()
        .Filter.ByExcluding(line => line.Exception is { } fault && StartFaults.Sentence(fault) is not null) // said on its own, without a trace
        .WriteTo.Console(outputTemplate: Template, formatProvider: CultureInfo.InvariantCulture)
        .WriteTo.File(
            new MessageTemplateTextFormatter(Template, CultureInfo.InvariantCulture), Path.Combine(directory.Folder("logs"), "looper-.log"),
            rollingInterval: RollingInterval.Day, retainedFileCountLimit: DaysKept, fileSizeLimitBytes: FileBytes, rollOnFileSizeLimit: true)
        .CreateLogger();
}
