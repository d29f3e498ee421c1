// Comes with the builder.
const { SwcJsMinimizerRspackPlugin } = require('@rspack/core');

// rspack's own loaders compile TypeScript and shrink CSS: none has to be installed.
module.exports = {
  module: {
    rules: [
      {
        test: /\.tsx?$/,
        exclude: /node_modules/,
        loader: 'builtin:swc-loader',
        options: {
          jsc: {
            parser: { syntax: 'typescript', tsx: true },
            target: 'es2022',
            transform: { react: { runtime: 'classic', pragma: 'h', pragmaFrag: 'Fragment' } }
          }
        },
        type: 'javascript/auto'
      },
      {
        test: /\.css$/,
        enforce: 'pre',
        loader: 'builtin:lightningcss-loader',
        options: { minify: true }
      }
    ]
  },
  optimization: {
    minimizer: [
      // Functions may become arrows: nobody here or in rspack's runtime calls one with `new`.
      new SwcJsMinimizerRspackPlugin({
        minimizerOptions: { ecma: 2022, compress: { passes: 4, ecma: 2022, unsafe_arrows: true } }
      })
    ]
  },
  resolve: { extensions: ['.ts', '.tsx', '.js'] }
};
